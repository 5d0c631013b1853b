// Starts a connection's workflow again that is gone, from what the store holds: same state, pauses, sequence, settings,
// token. Temporal has one run for each id at a time, so of several who repair at once one starts it. Nothing is done
// unless Temporal says for certain that the workflow does not run.
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { ConnectionRef } from '../../activities/contract.js';
import type { connection as connectionWorkflow } from '../../workflows/connection.workflow.js';
import { DEFAULT_INTERVALS, type Intervals } from '../domain/connection/chores.js';
import { type Connection, visibleState } from '../domain/connection/connection.js';
import { apply } from '../domain/connection/connection-events.js';
import { type Repaired, type RepairOutcome, repairStep, type WorkflowCondition } from '../domain/connection/repair.js';
import { fromStore } from '../domain/connection/stored-connection.js';
import { CONNECTION_QUEUE, CONNECTION_WORKFLOW } from '../domain/temporal-names.js';
import {
  readRepairable,
  recordMissing,
  recordRestart,
  refuseLostCreation,
  type RepairableConnection,
} from '../store/connections/repair.repository.js';
import type { Database } from '../store/database.js';
import { type Tenant, withTenant } from '../store/tenant.js';
import { startOptions } from './connection-start.js';
import { inTime } from './in-time.js';
import { conditionOf } from './workflow-condition.js';

export interface ConnectionRepairDeps {
  /** The owner's, or the api's under row-level security. */
  readonly database: Database;
  readonly temporal: Client;
  /** Where connections run; tests use queues of their own. */
  readonly taskQueue?: string;
  /** Beside the poll interval, which is the connection's own; tests and the demonstration shorten them. */
  readonly intervals?: Partial<Intervals>;
}

/** Undefined: there is no such connection. Throws `temporal_unavailable` when nobody can say how the workflow is. */
export type RepairConnection = (ref: ConnectionRef) => Promise<Repaired | undefined>;

export function createConnectionRepair(deps: ConnectionRepairDeps): RepairConnection {
  return async (ref) => {
    // In this order: what is read of the row is then no older than the workflow's end.
    const workflow = await conditionOf(deps.temporal, ref);
    const found = await asTenant(deps, ref, (tenant) => readRepairable(tenant, ref.connectionId));
    if (found === undefined) return undefined;
    const { accountId, connectionId } = ref;
    const done = await act(deps, ref, { found, workflow });
    return { accountId, connectionId, state: found.stored.state, workflow, ...done, code: null };
  };
}

interface Found {
  readonly found: RepairableConnection;
  readonly workflow: WorkflowCondition;
}

type Done = Pick<Repaired, 'outcome'> & Partial<Pick<Repaired, 'workflow'>>;

const NOTHING: Done = { outcome: 'nothing' };

async function act(deps: ConnectionRepairDeps, ref: ConnectionRef, of: Found): Promise<Done> {
  const { found, workflow } = of;
  const stored = fromStore(found.stored);
  switch (repairStep({ state: found.stored.state, ageMs: found.ageMs, workflow })) {
    case 'nothing':
      if (workflow === 'running' && found.isMissing) {
        await asTenant(deps, ref, (tenant) => recordRestart(tenant, ref.connectionId, 'unknown'));
      }
      return NOTHING;
    case 'refuse':
      return asTenant(deps, ref, async (tenant) =>
        (await refuseLostCreation(tenant, ref.connectionId)) ? { outcome: 'refused' } : NOTHING,
      );
    case 'restart':
      return restart(deps, ref, { ...of, stored, outcome: 'restarted' });
    case 'disconnect': {
      const leaving = apply(stored, { kind: 'disconnectRequested', cause: 'disconnect' }, Date.now());
      return restart(deps, ref, { ...of, stored: leaving, outcome: 'ended' });
    }
  }
}

/** A start whose answer is lost stays started, and is recorded by whoever looks next. */
async function restart(
  deps: ConnectionRepairDeps,
  ref: ConnectionRef,
  { found, workflow, stored, outcome }: Found & { readonly stored: Connection; readonly outcome: RepairOutcome },
): Promise<Done> {
  await asTenant(deps, ref, (tenant) => recordMissing(tenant, ref.connectionId, found));
  if (!(await start(deps, ref, { found, stored }))) return { outcome: 'nothing', workflow: 'running' };
  await asTenant(deps, ref, (tenant) => recordRestart(tenant, ref.connectionId, workflow));
  return { outcome };
}

/** False: somebody else was faster. */
function start(
  { temporal, taskQueue = CONNECTION_QUEUE, intervals }: ConnectionRepairDeps,
  ref: ConnectionRef,
  { found, stored }: Pick<Found, 'found'> & { readonly stored: Connection },
): Promise<boolean> {
  const { pollIntervalMs } = found.stored;
  const input = {
    accountId: ref.accountId,
    connectionId: ref.connectionId,
    console: found.consoleUrl,
    notAfter: new Date().toISOString(),
    settings: { ...DEFAULT_INTERVALS, ...intervals, pollIntervalMs },
    carried: { connection: stored, answers: [], inbox: [] },
  };
  return inTime(temporal, async () => {
    try {
      await temporal.workflow.start<typeof connectionWorkflow>(CONNECTION_WORKFLOW, {
        ...startOptions(input, { taskQueue, state: visibleState(stored) }),
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  });
}

const asTenant = <T>(
  { database }: ConnectionRepairDeps,
  { accountId }: ConnectionRef,
  work: (tenant: Tenant) => Promise<T>,
): Promise<T> => withTenant(database, accountId, 'all', work);
