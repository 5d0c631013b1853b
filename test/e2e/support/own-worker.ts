// A worker with the real activities whose workflow code and interceptors a test chooses.
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { createActivities } from '../../../activities/index.js';
import { parseAllowedOrigins } from '../../../src/domain/connection/console-address.js';
import { createSentinelOne } from '../../../src/sentinelone/client.js';
import { openDatabase } from '../../../src/store/database.js';
import { createTokenCipher, parseEncryptionKeys } from '../../../src/store/token-cipher.js';
import { workerOptions } from '../../../src/worker/worker-options.js';
import { workflowBundle } from '../../../src/worker/workflow-bundle.js';

export interface OwnWorkerOptions {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly encryptionKeys: string;
  readonly allowedOrigins: string;
  /** Today's by default. */
  readonly workflowsPath?: string;
  readonly interceptors?: NonNullable<WorkerOptions['interceptors']>;
  /** Those of the build that it stands for; today's by default. */
  readonly queues?: readonly string[];
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Returns when it polls. Disposing of it ends it as SIGTERM ends a worker. */
export async function startOwnWorker(options: OwnWorkerOptions): Promise<AsyncDisposable> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const origins = parseAllowedOrigins(options.allowedOrigins);
  if (!origins.ok) throw new Error(origins.problem);
  const database = openDatabase({ url: options.databaseUrl });
  const sentinelOne = createSentinelOne({
    allowedOrigins: origins.origins,
    userAgent: 'own-worker',
    requestsPerSecond: 0,
  });
  const cipher = createTokenCipher(parseEncryptionKeys(options.encryptionKeys));
  const activities = createActivities({ database, sentinelOne, allowedOrigins: origins.origins, cipher, log: SILENT });
  const connection = await NativeConnection.connect({ address: options.temporalAddress });
  const { workflowsPath, interceptors = {}, queues } = options;
  const logger = new DefaultLogger('ERROR');
  const bundle = workflowsPath === undefined ? workflowBundle(logger) : bundleWorkflowCode({ workflowsPath, logger });
  const all = workerOptions({ workflowBundle: await bundle, activities: { ...activities } });
  const wanted = all.filter(({ taskQueue }) => queues?.includes(taskQueue) ?? true);
  const workers = await Promise.all(wanted.map((each) => Worker.create({ ...each, connection, interceptors })));
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    async [Symbol.asyncDispose]() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await sentinelOne.close();
      await database.close();
    },
  };
}
