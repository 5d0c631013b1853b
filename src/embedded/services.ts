// The api's own services, made inside the start process: the demonstration goes through the same functions as HTTP
// does.
import { Client, Connection } from '@temporalio/client';
import { type AccountService, createAccountService } from '../api/accounts/account.service.js';
import { type ConnectionServices, createConnectionServices } from '../api/connections/connection-services.js';
import { createOrganizationService, type OrganizationService } from '../api/organizations/organization.service.js';
import type { Intervals } from '../domain/connection/chores.js';
import { parseAllowedOrigins } from '../domain/connection/console-address.js';
import { API_ROLE, type Database, openDatabase } from '../store/database.js';
import { createTokenCipher, parseEncryptionKeys } from '../store/token-cipher.js';
import { createConnectionCommands } from '../temporal/connection-commands.js';
import { createConnectionRepair } from '../temporal/connection-repair.js';
import type { RunningStack } from './one-machine-stack.js';

export interface Services extends ConnectionServices {
  readonly accounts: AccountService;
  readonly organizations: OrganizationService;
  /** As the owner sees it, without row-level security: for status lines and comparisons. */
  readonly owner: Database;
  readonly temporal: Client;
  close(): Promise<void>;
}

export async function openServices(
  running: RunningStack,
  options: { readonly intervals?: Partial<Intervals>; readonly eventRetentionDays: number },
): Promise<Services> {
  const origins = parseAllowedOrigins(running.allowedOrigins);
  if (!origins.ok) throw new Error(`SENTINELONE_ALLOWED_ORIGINS: ${origins.problem}`);
  const owner = openDatabase({ url: running.databaseUrl, maxConnections: 2, applicationName: 'sentinelone-start' });
  const api = openDatabase({
    url: running.databaseUrl,
    role: API_ROLE,
    maxConnections: 4,
    applicationName: 'sentinelone-start',
  });
  const connection = await Connection.connect({ address: running.temporalAddress });
  const temporal = new Client({ connection, namespace: running.temporalNamespace });
  const { intervals = {} } = options;
  const repair = createConnectionRepair({ database: api, temporal, intervals });
  return {
    accounts: createAccountService({ database: owner }),
    organizations: createOrganizationService({ database: api }),
    ...createConnectionServices({
      database: api,
      commands: createConnectionCommands(temporal, { repair }),
      cipher: createTokenCipher(parseEncryptionKeys(running.encryptionKeys)),
      allowedOrigins: origins.origins,
      ...options,
    }),
    owner,
    temporal,
    async close() {
      await connection.close();
      await Promise.all([owner.close(), api.close()]);
    },
  };
}
