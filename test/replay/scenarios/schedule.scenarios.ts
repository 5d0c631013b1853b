// Workflows that a schedule starts. Each one's activity does all of the work.
import type { WorkflowHandle } from '@temporalio/client';
import {
  FREEZE_STATEMENTS_WORKFLOW,
  MAINTENANCE_WORKFLOW,
  RECONCILE_WORKFLOW,
} from '../../../src/domain/temporal-names.js';
import type { Harness } from '../../workflows/harness.js';
import type { Scenario } from './scenario.js';

const workflowOf = (harness: Harness): WorkflowHandle =>
  harness.temporal.client.workflow.getHandle(`scheduled-${harness.connectionId}`);

async function run(harness: Harness, workflowType: string): Promise<void> {
  await harness.startWorkers();
  const { workflowId } = workflowOf(harness);
  const { taskQueue, temporal } = harness;
  // Its end, good or bad, is part of the history.
  await temporal.client.workflow.execute(workflowType, { workflowId, taskQueue }).catch(() => undefined);
}

const scheduled = (name: string, workflowType: string): Scenario => ({
  name,
  play: (harness) => run(harness, workflowType),
  records: workflowOf,
});

export const SCHEDULED: readonly Scenario[] = [
  scheduled('freeze-statements', FREEZE_STATEMENTS_WORKFLOW),
  { ...scheduled('freeze-statements-failed', FREEZE_STATEMENTS_WORKFLOW), options: { world: { storeAway: true } } },
  scheduled('maintenance', MAINTENANCE_WORKFLOW),
  scheduled('reconcile', RECONCILE_WORKFLOW),
];
