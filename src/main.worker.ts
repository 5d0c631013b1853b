// The worker process: runs workflows and activities. It ends with 0 after SIGTERM or SIGINT, when pages under way are
// stored, and with 1 when it cannot go on.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/index.js';
import { createPagePool } from '../activities/pages/page-pool.js';
import { createChangeSender } from './changes/change-sender.js';
import { temporalConnection, workerConfig } from './config.js';
import { createLog } from './log.js';
import { createSentinelOne } from './sentinelone/client.js';
import { openDatabase } from './store/database.js';
import { openImpatientDatabase } from './store/impatient-database.js';
import { createTokenCipher } from './store/token-cipher.js';
import { serveWorkerHttp } from './worker/http.js';
import { installRuntime } from './worker/runtime.js';
import { ensureSchedules } from './worker/schedules.js';
import { startSignOfLife } from './worker/sign-of-life.js';
import { backfillWorkerOptions, connectionWorkerOptions, workflowBundle } from './worker/worker-options.js';

/** Enough for six slices of four backfills and the polls beside them. */
const DATABASE_CONNECTIONS = 40;
const CLOSE_TIMEOUT_MS = 5_000;

const config = workerConfig();
const log = createLog({ process: 'worker', level: config.LOG_LEVEL });
const temporalMetricsPort = await freePort();
installRuntime({ log, metricsAddress: `127.0.0.1:${temporalMetricsPort}` });

const connection = await NativeConnection.connect(temporalConnection(config));
const database = openDatabase({
  url: config.DATABASE_URL,
  maxConnections: DATABASE_CONNECTIONS,
  applicationName: 'sentinelone-worker',
  onIdleError: () => log.warn({}, 'a database connection broke while idle; another is opened when needed'),
});
const ownDatabase = openImpatientDatabase({
  url: config.DATABASE_URL,
  maxConnections: 1,
  applicationName: 'sentinelone-worker-life',
});
const sentinelOne = createSentinelOne({
  allowedOrigins: config.SENTINELONE_ALLOWED_ORIGINS,
  requestsPerSecond: config.SENTINELONE_REQUESTS_PER_SECOND,
  userAgent: 'sentinelone-log-source',
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
});
const shared = {
  connection,
  namespace: config.TEMPORAL_NAMESPACE,
  activities: { ...activities },
  workflowBundle: await workflowBundle(),
};
const workers = [
  await Worker.create({ ...connectionWorkerOptions, ...shared }),
  await Worker.create({ ...backfillWorkerOptions, ...shared }),
];
const http = await serveWorkerHttp({
  host: config.LISTEN_HOST,
  port: config.WORKER_PORT,
  isHealthy: () => workers.every((worker) => worker.getState() === 'RUNNING'),
  temporalMetricsUrl: `http://127.0.0.1:${temporalMetricsPort}/metrics`,
});

const signOfLife = startSignOfLife({ database: ownDatabase, log });

const shutdown = () => {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
};
process.on('SIGTERM', shutdown);
process.on('SIGINT', shutdown);

log.info({ port: http.port }, 'worker started');
ensureSchedules(new Client({ connection, namespace: config.TEMPORAL_NAMESPACE })).catch((error: unknown) => {
  // Collecting is worth more than a schedule, which the next worker that starts makes as well.
  log.error({ error: error instanceof Error ? error.name : typeof error }, 'the schedules could not be made');
});
try {
  await Promise.all(workers.map((worker) => worker.run()));
  log.info({}, 'worker stopped');
} catch (error) {
  log.fatal({ error: error instanceof Error ? error.name : typeof error }, 'worker cannot go on');
  process.exitCode = 1;
  shutdown();
} finally {
  // Everything that matters is stored by now: a part that does not close in time must not keep the process.
  await Promise.race([closeAll(), delay(CLOSE_TIMEOUT_MS)]);
}
process.exit();

async function closeAll(): Promise<void> {
  await http.close();
  await signOfLife.stop();
  await connection.close();
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
