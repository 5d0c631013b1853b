// A worker in this process, with the real activities and workflows, that loses replies: an activity's work is done and
// committed, and then the attempt fails as if the reply had been lost on its way, so that Temporal has it done again.
import { ApplicationFailure } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../../../activities/index.js';
import type { E2eStack } from './e2e-stack.js';
import { startOwnWorker } from './own-worker.js';

export interface LossyWorker extends AsyncDisposable {
  /** How many replies each activity has lost so far. */
  lost(): Readonly<Record<string, number>>;
}

const AGAIN_AFTER_MS = 50;

/** Loses the first replies of each activity, as many as `losses` says. */
export async function startLossyWorker(
  stack: E2eStack,
  losses: Partial<Record<keyof Activities, number>>,
): Promise<LossyWorker> {
  const lost = new Map<string, number>();
  const { databaseUrl, temporalAddress, encryptionKeys, allowedOrigins } = stack;
  const worker = await startOwnWorker({
    databaseUrl,
    temporalAddress,
    encryptionKeys,
    allowedOrigins,
    interceptors: { activity: [losing(losses, lost)] },
  });
  return {
    lost: () => Object.fromEntries(lost),
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

type Interceptors = NonNullable<NonNullable<WorkerOptions['interceptors']>['activity']>[number];

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
