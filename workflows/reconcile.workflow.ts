// Makes Temporal and the store agree on every connection. Started by a schedule; what one run leaves undone the next
// does, which is two minutes away. What there is to do is the activity's.
import { proxyActivities } from '@temporalio/workflow';
import type { Activities, ReconcileOutcome } from '../activities/contract.js';

const activities = proxyActivities<Pick<Activities, 'reconcile'>>({
  // After Temporal was lost ten thousand connections are started again, which takes minutes.
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '10 seconds', backoffCoefficient: 1, maximumAttempts: 2 },
  summary: 'connections whose workflow is gone',
});

export async function reconcile(): Promise<ReconcileOutcome> {
  return activities.reconcile();
}
