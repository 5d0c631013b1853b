// What commands work with: the api's own services, opened in this process. Under the api's role, which row-level security
// binds, wherever an account is known; as the owner for what is looked up across accounts and for statements.
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { createOperatorReport, type OperatorReport } from '../api/billing/operator-report.js';
import { createConnectionService } from '../api/connections/connection.service.js';
import { type ConnectionDesk, createConnectionDesk } from '../api/connections/connection-desk.service.js';
import { createSiteService, type SiteService } from '../api/connections/site.service.js';
import { createTokenOffers, type TokenOffers } from '../api/connections/token-offer.service.js';
import { createOrganizationService, type OrganizationService } from '../api/organizations/organization.service.js';
import { API_ROLE, type Database, openDatabase } from '../store/database.js';
import { createTokenCipher, type EncryptionKey, type TokenCipher } from '../store/token-cipher.js';
import { type ConnectionCommands, createConnectionCommands } from '../temporal/connection-commands.js';

export interface CliConfig {
  readonly databaseUrl: string;
  readonly temporal: { readonly connection: ConnectionOptions; readonly namespace: string } | undefined;
  readonly encryptionKeys: readonly EncryptionKey[] | undefined;
}

export interface Tools {
  /** The owner's. */
  readonly owner: Database;
  readonly desk: ConnectionDesk;
  readonly sites: SiteService;
  readonly tokens: TokenOffers;
  readonly organizations: OrganizationService;
  readonly report: OperatorReport;
  readonly commands: ConnectionCommands;
  /**
   * Leaves the connection to Temporal to the end of the process: a call that was given up is repeated by the client, on a
   * connection that is closed then, and nobody could catch what that throws.
   */
  close(): Promise<void>;
}

/** Nothing is connected before it is needed. */
export function openTools(config: CliConfig): Tools {
  const options = { url: config.databaseUrl, maxConnections: 2, applicationName: 'sentinelone-cli' };
  const owner = openDatabase(options);
  const api = openDatabase({ ...options, role: API_ROLE });
  const temporal = config.temporal === undefined ? undefined : Connection.lazy(config.temporal.connection);
  const commands =
    temporal === undefined
      ? NO_COMMANDS
      : createConnectionCommands(new Client({ connection: temporal, namespace: config.temporal?.namespace ?? '' }));
  const cipher = config.encryptionKeys === undefined ? NO_CIPHER : createTokenCipher(config.encryptionKeys);
  const connections = createConnectionService({ database: api, commands, cipher, ...NOTHING_IS_CREATED });
  return {
    owner,
    desk: createConnectionDesk({ database: api, connections }),
    sites: createSiteService({ database: api, connections }),
    tokens: createTokenOffers({ database: api, commands, cipher }),
    organizations: createOrganizationService({ database: api }),
    report: createOperatorReport({ database: owner }),
    commands,
    async close() {
      await Promise.all([owner.close(), api.close()]);
    },
  };
}

/** Connections are made over HTTP. */
const NOTHING_IS_CREATED = { allowedOrigins: [], eventRetentionDays: 1 };

const undeclared = () => Promise.reject(new Error('a command uses what its row of the catalog does not say it needs'));
const NO_COMMANDS: ConnectionCommands = {
  ...{ create: undeclared, send: undeclared, requireRunning: undeclared },
  ...{ signalBackfills: undeclared, signalToken: undeclared, status: undeclared },
};
const NO_CIPHER: TokenCipher = { encrypt: undeclared, decrypt: undeclared };
