// Freezes the statements of every account whose month is over. Started by a schedule; what one run leaves undone the
// next does.
import { proxyActivities } from '@temporalio/workflow';
import type { Activities, FreezeOutcome } from '../activities/contract.js';

const { freezeStatements: freeze } = proxyActivities<Pick<Activities, 'freezeStatements'>>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
  // Three tries; after that the next hour's run is soon enough.
  retry: { initialInterval: '10 seconds', backoffCoefficient: 4, maximumAttempts: 3 },
  summary: 'months that are over',
});

export async function freezeStatements(): Promise<FreezeOutcome> {
  return freeze();
}
