// Everything that a campaign does to the product, by name. The groups are lanes of the plan: within a lane faults come
// one after the other, and the lanes run side by side.

/** Our own processes, ended by a signal and started again. */
export const PROCESS_KINDS = [
  'worker-killed',
  'both-workers-killed',
  'api-killed',
  'postgres-stopped',
  'temporal-killed',
] as const;

/** What the console answers to requests for activities, and whom it lets in. */
export const CONSOLE_KINDS = [
  '401',
  '403',
  '429',
  '500',
  '502',
  'connection-reset',
  'body-cut-off',
  'json-cut',
  'errors-in-200',
  'slow-answer',
  'cursors-expired',
  'token-revoked',
  'permission-taken',
] as const;

/** Rows that are hard to collect. */
export const ROW_KINDS = [
  'burst',
  'equal-timestamps',
  'late-rows',
  'very-late-rows',
  'rows-dated-ahead',
  'unreadable-rows',
] as const;

/** What people do meanwhile, through the HTTP API or on the console. */
export const COMMAND_KINDS = [
  'sites-remapped',
  'discards-collected',
  'default-organization-changed',
  'token-rotated',
  'token-regenerated',
  'paused',
  'site-deleted',
  'site-added',
  'backfill-requested',
  'sites-synced',
] as const;

/** What is done to Temporal's and PostgreSQL's own state, behind the product's back. */
export const CONTROL_KINDS = [
  'workflow-reset',
  'workflow-terminated',
  'workflow-deleted',
  'malformed-signals',
  'postgres-restored',
  'temporal-wiped',
] as const;

/** The console's clock against ours. */
export const CLOCK_KINDS = ['clock-forward', 'clock-back'] as const;

export const FAULT_KINDS = [
  ...PROCESS_KINDS,
  ...CONSOLE_KINDS,
  ...ROW_KINDS,
  ...COMMAND_KINDS,
  ...CONTROL_KINDS,
  ...CLOCK_KINDS,
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
