// What somebody with the Temporal UI or its command line can do to a connection's workflow: reset, terminate and delete
// it, and send it messages that mean nothing.
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { CONTROL_KINDS } from '../kinds.js';
import type { Partner } from '../partner.js';
import type { PlannedFault } from '../plan.js';
import { describe, followRepair, handleOf, patiently, withDeadline } from '../repair.js';
import { countDone, type Inject, oneOf, pick, type Run } from '../run.js';

const TO_THE_FIRST_TASK = 0.4;
/** `RESET_REAPPLY_TYPE_NONE` and `…_ALL_ELIGIBLE`: messages after the point are forgotten, or come once more. */
const REAPPLY_TYPES = [2, 3] as const;

const reset: Inject = async (run, fault, partner) => {
  const { client } = handleOf(run, partner);
  const before = await patiently(run, 'a reset', async () => {
    const { runId, workflowId } = await describe(run, partner);
    const task = await taskOf(run, fault, { workflowId, runId });
    const fromMs = Date.now();
    await withDeadline(run, () =>
      client.workflowService.resetWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, runId },
        reason: 'torture',
        requestId: randomUUID(),
        workflowTaskFinishEventId: task,
        resetReapplyType: oneOf(fault, 2, REAPPLY_TYPES),
      }),
    );
    return { runId, fromMs };
  });
  countDone(run, fault.kind);
  followRepair(run, partner, { kind: fault.kind, ...before });
};

/** Of its first completed workflow task, or of one that is chosen by the fault. */
async function taskOf(run: Run, fault: PlannedFault, of: { readonly workflowId: string; readonly runId: string }) {
  const handle = run.stack.services.temporal.workflow.getHandle(of.workflowId, of.runId);
  const { events } = await withDeadline(run, () => handle.fetchHistory());
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  const { eventId } =
    pick(fault, 0) < TO_THE_FIRST_TASK ? oneOf({ ...fault, picks: [0] }, 0, tasks) : oneOf(fault, 1, tasks);
  return eventId ?? null;
}

const taken =
  (take: (run: Run, partner: Partner, runId: string) => Promise<unknown>): Inject =>
  async (run, fault, partner) => {
    const before = await patiently(run, fault.kind, async () => {
      const { runId, status } = await describe(run, partner);
      if (status.name !== 'RUNNING') throw new Error('it does not run');
      const fromMs = Date.now();
      await withDeadline(run, () => take(run, partner, runId)).catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
      return { runId, fromMs };
    });
    countDone(run, fault.kind);
    followRepair(run, partner, { kind: fault.kind, ...before });
  };

const terminated = taken((run, partner) => handleOf(run, partner).terminate('torture'));

const deleted = taken((run, partner, runId) => {
  const { client, workflowId } = handleOf(run, partner);
  const { namespace } = client.options;
  return client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } });
});

type Message = readonly [name: string, ...args: unknown[]];

const SIGNALS: readonly Message[] = [
  ['remapSites', { changes: 'boom' }],
  ['remapSites', { version: 1, changes: [{ siteId: 7 }] }],
  ['rotateToken'],
  ['rotateToken', 'a token', 'and another'],
  ['rotateToken', { credentialId: { $ne: null } }],
  ['backfillStopped', { code: 'no such code' }],
  ['compareWithStore', ['nonsense']],
  ['pause', {}],
  ['no such signal', { deep: { nonsense: [1, 2, 3] } }],
  ['__proto__', null],
  ['', 0],
];
const UPDATES: readonly Message[] = [
  ['remapSites', { version: 1, changes: 'boom', collectDiscarded: false }],
  ['rotateToken'],
  ['changeSettings', { pollIntervalMs: 'often' }],
  ['pause', 'now'],
  ['disconnect', ['now']],
  ['no such update', {}],
];
const SIGNALS_AT_ONCE = 4;

const malformed: Inject = async (run, fault, partner) => {
  const first = Math.floor(pick(fault, 0) * SIGNALS.length);
  const chosen = Array.from({ length: SIGNALS_AT_ONCE }, (_, n) => SIGNALS[(first + n) % SIGNALS.length] ?? ['-']);
  for (const [name, ...args] of chosen) {
    await patiently(run, `signal ${name}`, () => withDeadline(run, () => sent(run, partner, [name, ...args])));
  }
  await patiently(run, 'a signal of bytes', () => withDeadline(run, () => sendBytes(run, partner)));
  await update(run, partner, oneOf(fault, 1, UPDATES));
  countDone(run, fault.kind);
  // A moment: nothing of it may keep a connection from collecting.
  const nowMs = Date.now();
  run.disturbances.push({ kind: fault.kind, fromMs: nowMs, toMs: nowMs, partners: [partner.n] });
};

/** Temporal itself refuses a signal without a name. */
async function sent(run: Run, partner: Partner, [name, ...args]: Message): Promise<void> {
  await handleOf(run, partner).signal(name === '' ? ' ' : name, ...args);
}

async function sendBytes(run: Run, partner: Partner): Promise<void> {
  const { client, workflowId } = handleOf(run, partner);
  const metadata = { encoding: Buffer.from('binary/weird') };
  await client.workflowService.signalWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    signalName: 'remapSites',
    requestId: randomUUID(),
    input: { payloads: [{ metadata, data: Buffer.from([0, 255, 13, 10]) }] },
  });
}

/** Whoever sends one by hand waits without a deadline; it is refused, or nobody is there to answer. */
async function update(run: Run, partner: Partner, [name, ...args]: Message): Promise<void> {
  try {
    await withDeadline(run, () =>
      handleOf(run, partner).executeUpdate(name, { args: args as [unknown, ...unknown[]] }),
    );
    run.complaints.push(`update ${name} of ${JSON.stringify(args)} was not refused`);
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof WorkflowUpdateFailedError)) return;
  }
}

export const WORKFLOWS: Readonly<
  Record<Exclude<(typeof CONTROL_KINDS)[number], 'postgres-restored' | 'temporal-wiped'>, Inject>
> = {
  'workflow-reset': reset,
  'workflow-terminated': terminated,
  'workflow-deleted': deleted,
  'malformed-signals': malformed,
};
