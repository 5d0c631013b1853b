// What commands work with: the api's own services, opened in this process. Under the api's role, which row-level
// security binds, wherever an account is known; as the owner for what is looked up across accounts and for statements.
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { createOperatorReport, type OperatorReport } from '../api/billing/operator-report.js';
import { type ConnectionService, createConnectionService } from '../api/connections/connection.service.js';
import { type ConnectionQueries, createConnectionQueries } from '../api/connections/connection-query.service.js';
import {
  type ConnectionRepairService,
  createConnectionRepairService,
} from '../api/connections/connection-repair.service.js';
import { createMappingService, type MappingService } from '../api/connections/mapping.service.js';
import { createTokenService, type TokenService } from '../api/connections/token.service.js';
import { createOrganizationService, type OrganizationService } from '../api/organizations/organization.service.js';
import { connectionsOfAll } from '../store/connections/repair.repository.js';
import { API_ROLE, type Database, openDatabase } from '../store/database.js';
import { createTokenCipher, type EncryptionKey } from '../store/token-cipher.js';
import { type ConnectionCommands, createConnectionCommands } from '../temporal/connection-commands.js';
import { createConnectionRepair } from '../temporal/connection-repair.js';
import { createRepairAll } from '../temporal/repair-all.js';

export interface CliConfig {
  readonly databaseUrl: string;
  readonly temporal: { readonly connection: ConnectionOptions; readonly namespace: string } | undefined;
  readonly encryptionKeys: readonly EncryptionKey[] | undefined;
}

/** For commands that need Temporal. */
export interface TemporalTools {
  readonly commands: ConnectionCommands;
  readonly connections: ConnectionService;
  readonly mapping: MappingService;
  /** Across all accounts: as the owner. */
  readonly repairs: ConnectionRepairService;
}

export interface Tools {
  /** The owner's. */
  readonly owner: Database;
  readonly connectionQueries: ConnectionQueries;
  readonly organizations: OrganizationService;
  readonly report: OperatorReport;
  /** Throws when the command's row of the catalog does not say that it needs Temporal. */
  temporal(): TemporalTools;
  /** Throws when the command's row of the catalog does not say that it needs the encryption keys. */
  tokens(): TokenService;
  /** The names of the encryption keys, the one that encrypts first. Throws like `tokens`. */
  kids(): readonly string[];
  /**
   * Leaves the connection to Temporal to the end of the process: a call that was given up is repeated by the client, on
   * a connection that is closed then, and nobody could catch what that throws.
   */
  close(): Promise<void>;
}

/** Nothing is connected before it is needed. */
export function openTools({ databaseUrl, temporal, encryptionKeys }: CliConfig): Tools {
  const options = { url: databaseUrl, maxConnections: 2, applicationName: 'sentinelone-cli' };
  const owner = openDatabase(options);
  const database = openDatabase({ ...options, role: API_ROLE });
  const openTemporal = ({ connection, namespace }: NonNullable<CliConfig['temporal']>) => {
    const client = new Client({ connection: Connection.lazy(connection), namespace });
    const repair = createConnectionRepair({ database, temporal: client });
    const repairAll = createRepairAll({ temporal: client, repair, connections: () => connectionsOfAll(owner) });
    return { commands: createConnectionCommands(client, { repair }), repair, repairAll };
  };
  return {
    owner,
    connectionQueries: createConnectionQueries({ database }),
    organizations: createOrganizationService({ database }),
    report: createOperatorReport({ database: owner }),
    temporal() {
      const { commands, ...repairing } = openTemporal(declared(temporal));
      return {
        commands,
        connections: createConnectionService({ database, commands }),
        mapping: createMappingService({ database, commands }),
        repairs: createConnectionRepairService({ database, ...repairing }),
      };
    },
    tokens: () =>
      createTokenService({
        database,
        commands: openTemporal(declared(temporal)).commands,
        cipher: createTokenCipher(declared(encryptionKeys)),
      }),
    kids: () => declared(encryptionKeys).map(({ kid }) => kid),
    async close() {
      await Promise.all([owner.close(), database.close()]);
    },
  };
}

function declared<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('a command uses what its row of the catalog does not say it needs');
  return part;
}
