// Keeps the store in shape: partitions, retention, what was never accepted, what has expired. Started by a schedule;
// what one run leaves undone the next does. The steps are the activity's, so that a new one needs no new version of
// this.
import { proxyActivities } from '@temporalio/workflow';
import type { Activities, MaintenanceOutcome } from '../activities/contract.js';

const { maintain } = proxyActivities<Pick<Activities, 'maintain'>>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
  // Three tries; after that the next hour's run is soon enough.
  retry: { initialInterval: '10 seconds', backoffCoefficient: 4, maximumAttempts: 3 },
  summary: 'partitions, retention, leftovers',
});

export async function maintenance(): Promise<MaintenanceOutcome> {
  return maintain();
}
