// A worker in this process, with the real activities and workflows, that loses replies: an activity's work is done and
// committed, and then the attempt fails as if the reply had been lost on its way, so that Temporal has it done again.
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities, type Activities } from '../../activities/index.js';
import { parseAllowedOrigins } from '../../src/domain/console-address.js';
import { createSentinelOne } from '../../src/sentinelone/client.js';
import { openDatabase } from '../../src/store/database.js';
import { createTokenCipher, parseEncryptionKeys } from '../../src/store/token-cipher.js';
import { backfillWorkerOptions, connectionWorkerOptions } from '../../src/temporal/worker-options.js';
import type { E2eStack } from './e2e-stack.js';

export interface LossyWorker extends AsyncDisposable {
  /** How many replies each activity has lost so far. */
  lost(): Readonly<Record<string, number>>;
}

const WORKFLOWS = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
const AGAIN_AFTER_MS = 50;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Loses the first replies of each activity, as many as `losses` says. */
export async function startLossyWorker(
  stack: E2eStack,
  losses: Partial<Record<keyof Activities, number>>,
): Promise<LossyWorker> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const origins = parseAllowedOrigins(stack.allowedOrigins);
  if (!origins.ok) throw new Error(origins.problem);
  const database = openDatabase({ url: stack.databaseUrl });
  const sentinelOne = createSentinelOne({
    allowedOrigins: origins.origins,
    userAgent: 'lossy-worker',
    requestsPerSecond: 0,
  });
  const cipher = createTokenCipher(parseEncryptionKeys(stack.encryptionKeys));
  const activities = createActivities({ database, sentinelOne, allowedOrigins: origins.origins, cipher, log: SILENT });
  const connection = await NativeConnection.connect({ address: stack.temporalAddress });
  const lost = new Map<string, number>();
  const shared = {
    connection,
    activities: { ...activities },
    workflowBundle: await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('ERROR') }),
    interceptors: { activity: [losing(losses, lost)] },
  };
  const workers = await Promise.all(
    [connectionWorkerOptions, backfillWorkerOptions].map((options) => Worker.create({ ...options, ...shared })),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    lost: () => Object.fromEntries(lost),
    async [Symbol.asyncDispose]() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await sentinelOne.close();
      await database.close();
    },
  };
}

type Interceptors = NonNullable<NonNullable<Parameters<typeof Worker.create>[0]['interceptors']>['activity']>[number];

function losing(losses: Readonly<Record<string, number>>, lost: Map<string, number>): Interceptors {
  return ({ info: { activityType } }) => ({
    inbound: {
      async execute(input, next) {
        const reply = await next(input);
        const soFar = lost.get(activityType) ?? 0;
        if (soFar >= (losses[activityType] ?? 0)) return reply;
        lost.set(activityType, soFar + 1);
        throw ApplicationFailure.create({ type: 'reply_lost', message: 'reply_lost', nextRetryDelay: AGAIN_AFTER_MS });
      },
    },
  });
}
