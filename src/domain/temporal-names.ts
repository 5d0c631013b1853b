// What things are called in Temporal, spelled once: workflow types and ids, task queues, search attributes. Workflows
// may import this; it knows nothing of Temporal's packages, so the keys are the plain objects that its typed API
// accepts.

export const CONNECTION_WORKFLOW = 'connection';
export const BACKFILL_WORKFLOW = 'backfill';
export const FREEZE_STATEMENTS_WORKFLOW = 'freezeStatements';
export const MAINTENANCE_WORKFLOW = 'maintenance';

export const FREEZE_STATEMENTS_SCHEDULE = 'freeze-statements';
export const MAINTENANCE_SCHEDULE = 'maintenance';

export const CONNECTION_QUEUE = 'sentinelone';

/**
 * A queue of its own, so that live polling never waits for a slot. Derived, so that a test's queue brings its pair
 * along.
 */
export const backfillQueueOf = (connectionQueue: string): string => `${connectionQueue}-backfill`;

export const BACKFILL_QUEUE = backfillQueueOf(CONNECTION_QUEUE);

export const workflowId = (accountId: string, connectionId: string): string =>
  `sentinelone/${accountId}/${connectionId}`;

export const backfillWorkflowId = (accountId: string, connectionId: string): string =>
  `${workflowId(accountId, connectionId)}/backfill`;

/** KEYWORD, not TEXT: ids are compared, not searched in. Their values are never encrypted. */
export const SEARCH_ATTRIBUTES = {
  accountId: { name: 'AccountId', type: 'KEYWORD' },
  connectionState: { name: 'ConnectionState', type: 'KEYWORD' },
  console: { name: 'Console', type: 'KEYWORD' },
} as const;
