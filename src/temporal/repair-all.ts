// Makes Temporal and the store agree on every connection: those whose workflow is gone are repaired, and those whose
// workflow shows another state than the row are asked to compare. Temporal's list of running workflows is behind by a
// moment and only saves asking about each: what it does not name is asked for by itself before anything is done.
import type { Client } from '@temporalio/client';
import type { ConnectionState } from '../domain/connection/connection-state.js';
import { REPAIRABLE, type RepairCounts, repairCounts, type Repaired } from '../domain/connection/repair.js';
import { Problem } from '../domain/failures/problem.js';
import {
  COMPARE_WITH_STORE_SIGNAL,
  CONNECTION_WORKFLOW,
  SEARCH_ATTRIBUTES,
  workflowId,
} from '../domain/temporal-names.js';
import type { ConnectionInState } from '../store/connections/repair.repository.js';
import { storeFailure } from '../store/pg-errors.js';
import type { RepairConnection } from './connection-repair.js';
import { inTime } from './in-time.js';

export interface RepairAllDeps {
  readonly temporal: Client;
  readonly repair: RepairConnection;
  /** Every connection, by pages. */
  readonly connections: () => AsyncIterable<readonly ConnectionInState[]>;
  /** Told of one that could not be repaired; the others are. */
  readonly onFailure?: (of: ConnectionInState, error: unknown) => void;
}

export interface RepairAllOptions {
  /** Ends it between two connections. */
  readonly signal?: AbortSignal;
  /** Workflows that show another state than the row are told to compare. */
  readonly compare?: boolean;
}

export interface RepairReport extends RepairCounts {
  /** Workflows that were told to compare. */
  readonly compared: number;
  /** Those of which something was found; not the many that are well. */
  readonly items: readonly Repaired[];
}

export type RepairAll = (options?: RepairAllOptions) => Promise<RepairReport>;

/** Temporal's frontend takes this many at once without others noticing. */
const AT_ONCE = 10;
/** A list of 10,000 is ten pages. */
const LIST_PAGE = 1_000;
const LIST_TIMEOUT_MS = 60_000;
/** Differences are rare and pass by themselves: more than this in one run are left to the next. */
const MOST_COMPARED = 500;
/** So many in a row are no longer about single connections: Temporal or PostgreSQL is away. */
const MOST_FAILURES_IN_A_ROW = 50;

/** Throws `temporal_unavailable` when the list cannot be read, or when nearly every question goes unanswered. */
export function createRepairAll(deps: RepairAllDeps): RepairAll {
  return async ({ signal, compare = false } = {}) => {
    const shown = await runningStates(deps.temporal);
    const [missing, differing]: ConnectionInState[][] = [[], []];
    let checked = 0;
    for await (const page of deps.connections()) {
      signal?.throwIfAborted();
      for (const connection of page) {
        const state = shown.get(idOf(connection));
        const isRepairable = REPAIRABLE.includes(connection.state);
        if (isRepairable) checked += 1;
        if (isRepairable && (state === undefined || connection.isMissing)) missing?.push(connection);
        if (state !== undefined && state !== connection.state) differing?.push(connection);
      }
    }
    const items = await repairEach(deps, missing ?? [], signal);
    const compared = compare ? await compareEach(deps, differing ?? [], signal) : 0;
    return { ...repairCounts(checked, items), compared, items };
  };
}

const idOf = ({ accountId, connectionId }: ConnectionInState) => workflowId(accountId, connectionId);

/** By workflow id, as their search attribute says; a workflow without one has none that is known. */
function runningStates(temporal: Client): Promise<ReadonlyMap<string, ConnectionState | null>> {
  const query = `WorkflowType = "${CONNECTION_WORKFLOW}" AND ExecutionStatus = "Running"`;
  const read = async () => {
    const states = new Map<string, ConnectionState | null>();
    for await (const each of temporal.workflow.list({ query, pageSize: LIST_PAGE })) {
      const state = each.typedSearchAttributes.get(SEARCH_ATTRIBUTES.connectionState);
      states.set(each.workflowId, (state ?? null) as ConnectionState | null);
    }
    return states;
  };
  return inTime(temporal, read, LIST_TIMEOUT_MS);
}

async function repairEach(
  { repair, onFailure }: RepairAllDeps,
  missing: readonly ConnectionInState[],
  signal: AbortSignal | undefined,
): Promise<Repaired[]> {
  const items: Repaired[] = [];
  let failuresInARow = 0;
  await forEach(missing, signal, async (connection) => {
    try {
      const repaired = await repair(connection);
      failuresInARow = 0;
      if (repaired !== undefined && repaired.workflow !== 'running') items.push(repaired);
    } catch (error) {
      failuresInARow += 1;
      if (failuresInARow > MOST_FAILURES_IN_A_ROW) throw error;
      onFailure?.(connection, error);
      const { accountId, connectionId, state } = connection;
      items.push({ accountId, connectionId, state, workflow: null, outcome: 'failed', code: failureCode(error) });
    }
  });
  return items;
}

export const failureCode = (error: unknown): string =>
  error instanceof Problem ? error.code : (storeFailure(error) ?? 'internal');

/** Harmless where they agree by now. One that has just ended is nothing to talk about. */
async function compareEach(
  { temporal }: RepairAllDeps,
  differing: readonly ConnectionInState[],
  signal: AbortSignal | undefined,
): Promise<number> {
  let compared = 0;
  await forEach(differing.slice(0, MOST_COMPARED), signal, async (connection) => {
    const handle = temporal.workflow.getHandle(idOf(connection));
    try {
      await inTime(temporal, () => handle.signal(COMPARE_WITH_STORE_SIGNAL));
      compared += 1;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  });
  return compared;
}

/** A few at a time, in order. After an error, or the signal, nothing more is begun. */
async function forEach<T>(
  items: readonly T[],
  signal: AbortSignal | undefined,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  let failed = false;
  const lane = async () => {
    for (const item of rest) {
      if (failed) return;
      signal?.throwIfAborted();
      await work(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
