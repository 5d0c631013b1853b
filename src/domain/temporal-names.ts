// What things are called in Temporal, spelled once: workflow types and ids, task queues, search attributes. Workflows
// may import this; it knows nothing of Temporal's packages, so the keys are the plain objects that its typed API
// accepts.

export const CONNECTION_WORKFLOW = 'connection';
export const BACKFILL_WORKFLOW = 'backfill';
export const FREEZE_STATEMENTS_WORKFLOW = 'freezeStatements';
export const MAINTENANCE_WORKFLOW = 'maintenance';
export const RECONCILE_WORKFLOW = 'reconcile';

/** Asks a connection's workflow to compare its state with the store's. */
export const COMPARE_WITH_STORE_SIGNAL = 'compareWithStore';

export const FREEZE_STATEMENTS_SCHEDULE = 'freeze-statements';
export const MAINTENANCE_SCHEDULE = 'maintenance';
export const RECONCILE_SCHEDULE = 'reconcile';

/** Workflow tasks of connections, their polls and their chores. */
export const CONNECTION_QUEUE = 'sentinelone';

// Queues of their own for work that must not wait for a slot of another kind. Derived, so that a test's queue brings
// them along.

/** What a person waits for, and the writing down of what became of it. */
export const commandQueueOf = (connectionQueue: string): string => `${connectionQueue}-commands`;

export const backfillQueueOf = (connectionQueue: string): string => `${connectionQueue}-backfill`;

/** What Temporal starts by itself, for all connections. */
export const maintenanceQueueOf = (connectionQueue: string): string => `${connectionQueue}-maintenance`;

export const COMMAND_QUEUE = commandQueueOf(CONNECTION_QUEUE);
export const BACKFILL_QUEUE = backfillQueueOf(CONNECTION_QUEUE);
export const MAINTENANCE_QUEUE = maintenanceQueueOf(CONNECTION_QUEUE);

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
