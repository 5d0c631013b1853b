// A workflow of tests alone: schedules many activities of one account at once on a queue of their own, as many
// connections of a partner do after an outage. Bundled by itself; the product knows nothing of it.
import { proxyActivities } from '@temporalio/workflow';

export interface ManyActivities {
  readonly accountId: string;
  readonly count: number;
  /** Where the activities go, which is not where this workflow runs. */
  readonly activityQueue: string;
}

export interface StepActivities {
  step(accountId: string): Promise<void>;
}

export async function manyActivities({ accountId, count, activityQueue }: ManyActivities): Promise<void> {
  const { step } = proxyActivities<StepActivities>({
    taskQueue: activityQueue,
    startToCloseTimeout: '1 minute',
    priority: { fairnessKey: accountId },
  });
  await Promise.all(Array.from({ length: count }, () => step(accountId)));
}
