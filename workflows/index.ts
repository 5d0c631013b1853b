// What a worker bundles. The exported names are the workflow types.
export { backfill } from './backfill.workflow.js';
export { connection } from './connection.workflow.js';
export { freezeStatements } from './freeze-statements.workflow.js';
export { maintenance } from './maintenance.workflow.js';
export { reconcile } from './reconcile.workflow.js';
