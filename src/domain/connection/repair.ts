// What becomes of a connection whose workflow does not run any more: it goes by what the store says of the connection
// and by how its workflow ended. Pure; src/temporal/ asks Temporal, reads the row and does it.
import type { ConnectionState } from './connection-state.js';

/**
 * Temporal's word on the connection's latest run. `refused`, `disconnected` and `row_gone` are ends that the workflow
 * came to itself, the last because the store had no row of it, or one that was never accepted. `not_found`: Temporal
 * knows none, because it was deleted, is past its retention, or Temporal's database was lost.
 */
export const WORKFLOW_ENDS = [
  'not_found',
  'terminated',
  'failed',
  'timed_out',
  'cancelled',
  'continued_as_new',
  'refused',
  'disconnected',
  'row_gone',
  'completed',
] as const;

export type WorkflowEnd = (typeof WORKFLOW_ENDS)[number];

export const WORKFLOW_CONDITIONS = ['running', ...WORKFLOW_ENDS] as const;
export type WorkflowCondition = (typeof WORKFLOW_CONDITIONS)[number];

/** `restart`: as the row says. `disconnect`: only to be torn down. `refuse`: the creation is over. */
export type RepairStep = 'nothing' | 'restart' | 'disconnect' | 'refuse';

/** A creation's own time is over after seconds; a minute later nobody waits for it any more. */
const CREATION_IS_OVER_MS = 60_000;

/**
 * Somebody asked for the end, and the row is of before: the store was restored. Not so where the row was gone and is
 * back again, nor where an earlier build did not say why: a connection that goes on can still be disconnected, one that
 * was torn down has lost its token.
 */
const ENDED_BY_WISH: readonly WorkflowEnd[] = ['disconnected', 'cancelled'];

export interface Missed {
  readonly state: ConnectionState;
  /** Since the row was made, by the database's clock. */
  readonly ageMs: number;
  readonly workflow: WorkflowCondition;
}

export function repairStep({ state, ageMs, workflow }: Missed): RepairStep {
  if (workflow === 'running') return 'nothing';
  switch (state) {
    case 'refused':
    case 'disconnected':
      return 'nothing';
    case 'validating':
      return ageMs > CREATION_IS_OVER_MS ? 'refuse' : 'nothing';
    case 'disconnecting':
      return 'disconnect';
    case 'awaiting_mapping':
    case 'active':
    case 'paused':
      return ENDED_BY_WISH.includes(workflow) ? 'disconnect' : 'restart';
  }
}

/** The states of which something may have to be repaired. */
export const REPAIRABLE: readonly ConnectionState[] = [
  'validating',
  'awaiting_mapping',
  'active',
  'paused',
  'disconnecting',
];

/** `ended`: a run was started that tears the connection down. `refused`: a creation that nobody waits for. */
export const REPAIR_OUTCOMES = ['nothing', 'restarted', 'ended', 'refused', 'failed'] as const;
export type RepairOutcome = (typeof REPAIR_OUTCOMES)[number];

/** What was found of one connection, and what was done. */
export interface Repaired {
  readonly accountId: string;
  readonly connectionId: string;
  /** The row's, before anything was done. */
  readonly state: ConnectionState;
  /** Null when Temporal could not say; nothing was done then. */
  readonly workflow: WorkflowCondition | null;
  readonly outcome: RepairOutcome;
  /** Why it failed; null when it did not. */
  readonly code: string | null;
}

/** How many connections each thing happened to. */
export interface RepairCounts {
  readonly checked: number;
  readonly restarted: number;
  readonly ended: number;
  readonly refused: number;
  readonly failed: number;
}

export function repairCounts(checked: number, items: readonly Pick<Repaired, 'outcome'>[]): RepairCounts {
  const count = (outcome: RepairOutcome) => items.filter((item) => item.outcome === outcome).length;
  return {
    checked,
    restarted: count('restarted'),
    ended: count('ended'),
    refused: count('refused'),
    failed: count('failed'),
  };
}
