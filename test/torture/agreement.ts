// What must hold when everything is healed, beside the rows: each connection collects, its workflow says the same as
// its row, no workflow task fails, and Temporal has the product's schedules.
import { setTimeout as delay } from 'node:timers/promises';
import {
  FREEZE_STATEMENTS_SCHEDULE,
  MAINTENANCE_SCHEDULE,
  RECONCILE_SCHEDULE,
  workflowId,
} from '../../src/domain/temporal-names.js';
import type { ConnectionStatus } from '../../workflows/connection/messages.js';
import { differences } from './differences.js';
import type { Partner } from './partner.js';
import type { Run } from './run.js';
import { connectionRow } from './truth.js';
import type { Watch } from './watch.js';

/** The workers look after the schedules once a minute. */
const AGREES_WITHIN_MS = 75_000;
const LOOK_EVERY_MS = 500;
const POLLS = 2;
const SCHEDULES = [FREEZE_STATEMENTS_SCHEDULE, MAINTENANCE_SCHEDULE, RECONCILE_SCHEDULE];

/** What still does not hold when the time is up. */
export async function disagreements(run: Run, watch: Watch): Promise<string[]> {
  const deadlineMs = Date.now() + AGREES_WITHIN_MS;
  const polls = new Map([...watch.advances].map(([n, moments]) => [n, moments.length]));
  for (;;) {
    const found = (
      await Promise.all([...run.partners.map(ofPartner), failingTasks(run), missingSchedules(run)])
    ).flat();
    if (found.length === 0 || Date.now() >= deadlineMs) return found;
    await delay(LOOK_EVERY_MS, undefined, { signal: run.signal });
  }

  async function ofPartner(partner: Partner): Promise<string[]> {
    const since = (watch.advances.get(partner.n)?.length ?? 0) - (polls.get(partner.n) ?? 0);
    const still = since < POLLS ? ['it does not collect'] : [];
    const other = await differencesOf(run, partner).catch((error: unknown) => [
      `it cannot be compared: ${String(error)}`,
    ]);
    return [...still, ...other].map((each) => `${partner.name}: ${each}`);
  }
}

async function differencesOf(run: Run, partner: Partner): Promise<string[]> {
  const { temporal } = run.stack.services;
  const handle = temporal.workflow.getHandle(workflowId(partner.accountId, partner.connectionId));
  const ask = () => handle.query<ConnectionStatus>('status');
  const said = await temporal.connection.withDeadline(Date.now() + 10_000, ask);
  return differences(said, await connectionRow(run, partner));
}

/** Of every workflow that runs. A task that was tried once more because its worker was killed is done by now. */
async function failingTasks({ stack: { services } }: Run): Promise<string[]> {
  const { workflow } = services.temporal;
  const failing: string[] = [];
  for await (const { workflowId: id } of workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    const { raw } = await workflow.getHandle(id).describe();
    const attempt = raw.pendingWorkflowTask?.attempt ?? 0;
    if (attempt > 1) failing.push(`the workflow task of ${id} is tried for the ${attempt}th time`);
  }
  return failing;
}

async function missingSchedules({ stack: { services } }: Run): Promise<string[]> {
  const found = await Promise.allSettled(SCHEDULES.map((id) => services.temporal.schedule.getHandle(id).describe()));
  return SCHEDULES.filter((_, n) => found[n]?.status !== 'fulfilled').map((id) => `there is no schedule ${id}`);
}
