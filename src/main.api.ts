// The api process. It starts also while PostgreSQL or Temporal is away: `/readyz` says so until they are back.
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ApiModule } from './api/api.module.js';
import { createAuthenticator } from './api/auth/authenticator.js';
import { readConsole } from './api/console/console-files.js';
import { createReadiness } from './api/health/readiness.service.js';
import { createApp } from './api/http/create-app.js';
import { createOperatorKey } from './api/http/operator-key.js';
import { serveMetrics } from './api/metrics/serve-metrics.js';
import { createSignIn } from './api/sign-in/sign-in.js';
import { apiConfig, signInConfig, temporalConnection } from './config.js';
import { createLog } from './log.js';
import { packageFolder } from './package-folder.js';
import { openApiDatabase } from './store/api-database.js';
import { connectionsByAccount } from './store/connections/repair.repository.js';
import { createTokenCipher } from './store/token-cipher.js';
import { createConnectionCommands } from './temporal/connection-commands.js';
import { createConnectionRepair } from './temporal/connection-repair.js';
import { createRepairAll } from './temporal/repair-all.js';

const config = apiConfig();
const log = createLog({ process: 'api', level: config.LOG_LEVEL });
const database = openApiDatabase({
  url: config.API_DATABASE_URL,
  maxConnections: config.DATABASE_POOL_SIZE,
  applicationName: 'sentinelone-api',
  onIdleError: () => log.warn({}, 'a database connection broke while idle; another is opened when needed'),
});
/** Listening holds one connection for good; past a pooler it is of no pool that requests wait for. */
const listenDatabase =
  config.API_LISTEN_DATABASE_URL === undefined
    ? undefined
    : openApiDatabase({
        url: config.API_LISTEN_DATABASE_URL,
        maxConnections: 1,
        applicationName: 'sentinelone-api-listen',
      });
const connection = Connection.lazy(temporalConnection(config));
const temporal = new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });

const repair = createConnectionRepair({ database, temporal });
const repairAll = createRepairAll({ temporal, repair, connections: () => connectionsByAccount(database) });

const { publicUrl, secret, oidc } = signInConfig(config);
const signIn = createSignIn({ database, log, publicUrl, secret, oidc });
const metrics = new Registry();
collectDefaultMetrics({ register: metrics });
const readiness = createReadiness({ database, temporal });
const module = ApiModule.with({
  log,
  metrics,
  database,
  readiness,
  authenticator: createAuthenticator({ database, signIn, publicUrl }),
  changes: { listenDatabase },
  operatorKey: createOperatorKey(config.OPERATOR_API_KEY),
  signIn: { signIn, publicUrl, oidcName: oidc?.name ?? null },
  connections: {
    commands: createConnectionCommands(temporal, { repair }),
    cipher: createTokenCipher(config.ENCRYPTION_KEYS),
    allowedOrigins: config.SENTINELONE_ALLOWED_ORIGINS,
    eventRetentionDays: config.EVENT_RETENTION_DAYS,
    intervals: { pollIntervalMs: config.POLL_INTERVAL_SECONDS * 1000 },
  },
  repairs: { repair, repairAll },
});
const { TRUSTED_PROXIES: trustedProxies } = config;
const app = await createApp(module, {
  ...(trustedProxies !== undefined && { trustedProxies }),
  console: await readConsole(join(packageFolder(), 'dist/web')),
});
const metricsServer = await serveMetrics({
  registry: metrics,
  host: config.LISTEN_HOST,
  port: config.API_METRICS_PORT,
});
await app.listen(config.PORT, config.LISTEN_HOST);
log.info({ url: await app.getUrl() }, 'api started');

let stopping = false;
const shutdown = async () => {
  if (stopping) return;
  stopping = true;
  await app.close();
  await metricsServer.close();
  await Promise.all([database.close(), listenDatabase?.close()]);
  log.info({}, 'api stopped');
  // Ended at once and not closed: a Temporal client that is still trying again throws when its connection is closed.
  process.exit(0);
};
process.on('SIGTERM', () => void shutdown());
process.on('SIGINT', () => void shutdown());

for (const sentence of await readiness.missing()) log.warn({}, sentence);
