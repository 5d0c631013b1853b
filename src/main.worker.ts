// The worker process: runs workflows and activities. It waits for Temporal for as long as that is away or lacks the
// namespace, `/healthz` being 503 meanwhile. It ends with 0 after SIGTERM or SIGINT, when pages under way are stored,
// and with 1 when it cannot go on.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities/index.js';
import { createPagePool } from '../activities/pages/page-pool.js';
import { SIGN_OF_LIFE_CONNECTIONS } from './capacity.js';
import { createChangeSender } from './changes/change-sender.js';
import { temporalConnection, workerConfig } from './config.js';
import { createLog } from './log.js';
import { packageVersion } from './package-folder.js';
import { createSentinelOne } from './sentinelone/client.js';
import { openDatabase } from './store/database.js';
import { openImpatientDatabase } from './store/impatient-database.js';
import { createTokenCipher } from './store/token-cipher.js';
import { createConnectionRepairs } from './worker/connection-repairs.js';
import { serveWorkerHttp } from './worker/http.js';
import { runWorkers } from './worker/run-workers.js';
import { installRuntime } from './worker/runtime.js';
import { startSignOfLife } from './worker/sign-of-life.js';
import { createAll, workerIdentity, workerOptions } from './worker/worker-options.js';
import { workflowBundle } from './worker/workflow-bundle.js';

const CLOSE_TIMEOUT_MS = 5_000;

const config = workerConfig();
const log = createLog({ process: 'worker', level: config.LOG_LEVEL });
const temporalMetricsPort = await freePort();
installRuntime({ log, metricsAddress: `127.0.0.1:${temporalMetricsPort}` });

const database = openDatabase({
  url: config.DATABASE_URL,
  maxConnections: config.DATABASE_POOL_SIZE,
  applicationName: 'sentinelone-worker',
  onIdleError: () => log.warn({}, 'a database connection broke while idle; another is opened when needed'),
});
const ownDatabase = openImpatientDatabase({
  url: config.DATABASE_URL,
  maxConnections: SIGN_OF_LIFE_CONNECTIONS,
  applicationName: 'sentinelone-worker-life',
});
const sentinelOne = createSentinelOne({
  allowedOrigins: config.SENTINELONE_ALLOWED_ORIGINS,
  requestsPerSecond: config.SENTINELONE_REQUESTS_PER_SECOND,
  userAgent: 'sentinelone-log-source',
});
// Connects when it is first used, and again whenever it must: repairs are as good as Temporal is there.
const temporal = new Client({
  connection: Connection.lazy(temporalConnection(config)),
  namespace: config.TEMPORAL_NAMESPACE,
});
const pageReader = createPagePool();
const changes = createChangeSender({ database, log });
const activities = createActivities({
  database,
  sentinelOne,
  allowedOrigins: config.SENTINELONE_ALLOWED_ORIGINS,
  cipher: createTokenCipher(config.ENCRYPTION_KEYS),
  log,
  pageReader,
  retention: { eventDays: config.EVENT_RETENTION_DAYS, discardDays: config.DISCARD_RETENTION_DAYS },
  changes,
  repairConnections: createConnectionRepairs({ database, temporal, log }),
});
const health = { isHealthy: () => false };
const http = await serveWorkerHttp({
  host: config.LISTEN_HOST,
  port: config.WORKER_PORT,
  isHealthy: () => health.isHealthy(),
  temporalMetricsUrl: `http://127.0.0.1:${temporalMetricsPort}/metrics`,
});
const signOfLife = startSignOfLife({ database: ownDatabase, log });
const { WORKER_POLL_SLOTS: poll, WORKER_COMMAND_SLOTS: command, WORKER_BACKFILL_SLOTS: backfill } = config;
const options = workerOptions({
  slots: { poll, command, backfill },
  workflowBundle: await workflowBundle(),
  activities: { ...activities },
});
const shared = { namespace: config.TEMPORAL_NAMESPACE, ...workerIdentity(packageVersion()) };

const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());
process.on('SIGINT', () => stopping.abort());
const workers = runWorkers({
  log,
  namespace: config.TEMPORAL_NAMESPACE,
  connect: () => NativeConnection.connect(temporalConnection(config)),
  createWorkers: (connection) => createAll(options.map((each) => ({ ...each, ...shared, connection }))),
  onRunning: () => log.info({ port: http.port }, 'worker started'),
  signal: stopping.signal,
});
health.isHealthy = () => workers.isHealthy();
try {
  await workers.ended;
  log.info({}, 'worker stopped');
} catch (error) {
  log.fatal({ error: error instanceof Error ? error.name : typeof error }, 'worker cannot go on');
  process.exitCode = 1;
} finally {
  // Everything that matters is stored by now: a part that does not close in time must not keep the process.
  await Promise.race([closeAll(), delay(CLOSE_TIMEOUT_MS)]);
}
process.exit();

async function closeAll(): Promise<void> {
  await http.close();
  await signOfLife.stop();
  await sentinelOne.close();
  await pageReader.close();
  changes.close();
  await database.close();
  await ownDatabase.close();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
