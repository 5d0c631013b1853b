// Backups that are put back: PostgreSQL, Temporal or both, to the same moment or to different ones, under living
// workers. Afterwards every connection's workflow and row agree, and what the console holds is here once. One course of
// changes is made, with copies of both at three moments; each test puts back its pair of them.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAINTENANCE_QUEUE, RECONCILE_WORKFLOW } from '../../src/domain/temporal-names.js';
import { status } from '../../workflows/connection/messages.js';
import { NOTHING, putBack, takeCopies } from './support/copies.js';
import { type E2eStack, QUICK, startE2eStack, waitUntil } from './support/e2e-stack.js';
import { openAccount, type Partner, sentUntilTaken } from './support/partner.js';
import { compareWithTruth } from './support/truth.js';

/** The moments of which there are copies, in order. */
const MOMENTS = ['first', 'second', 'now'] as const;
type Moment = (typeof MOMENTS)[number];

let stack: E2eStack;
/** One for each kind of change that a copy may be older than. */
let partners: Record<'rotated' | 'paused' | 'remapped' | 'disconnected' | 'young' | 'unmapped', Partner>;

beforeAll(async () => {
  stack = await startE2eStack({ durable: false, intervals: QUICK, simulator: { historyRows: 300 } });
  await stack.startWorker();
  const accounts = await Promise.all(Array.from({ length: 6 }, () => openAccount(stack)));
  const [rotated, paused, remapped, disconnected, young, unmapped] = accounts as [
    Partner,
    Partner,
    Partner,
    Partner,
    Partner,
    Partner,
  ];
  partners = { rotated, paused, remapped, disconnected, young, unmapped };
  await makeTheCourse();
});
afterAll(() => stack[Symbol.asyncDispose]());

async function makeTheCourse(): Promise<void> {
  const { rotated, paused, remapped, disconnected, young, unmapped } = partners;
  const tokens = Array.from({ length: 3 }, () => newToken());
  await Promise.all([
    begin(rotated, tokens[0]),
    begin(paused),
    begin(remapped),
    begin(disconnected),
    unmapped.connect({ apiToken: newToken() }),
  ]);
  await collected(rotated, paused, remapped, disconnected);
  await takeCopies(stack, 'first');

  append();
  await Promise.all([
    again(() => rotated.tokens.replace(...rotated.target, tokens[1] ?? '')),
    again(() => paused.connections.pause(...paused.target)),
    again(() => remapped.map({ 0: 2, 2: 1 })),
    again(() => unmapped.map({ 0: 1 })),
    begin(young),
  ]);
  await collected(rotated, remapped, young, unmapped);
  await takeCopies(stack, 'second');

  append();
  await Promise.all([
    again(() => rotated.tokens.replace(...rotated.target, tokens[2] ?? '')),
    again(() => paused.connections.resume(...paused.target)),
    again(() => remapped.map({ 0: null, 2: 2 })),
    again(() => disconnected.disconnect()),
  ]);
  await collected(rotated, paused, remapped, young, unmapped);
  // Somebody made the newer token from it, which ends the older.
  for (const token of tokens.slice(0, 2)) stack.simulator.control.revokeToken({ token });
  await takeCopies(stack, 'now');
}

test('a connection that a copy was too old for comes back with the right one', async () => {
  const { young } = partners;
  await putBack(stack, { postgres: 'first' });
  await isGone(young);
  await putBack(stack, { postgres: 'now' });
  await reconciled();
  await agree(young, 'active');
  await collected(young);
  expect(await compareWithTruth(young)).toEqual([]);
});

test.each<{ postgres: Moment; temporal: Moment | typeof NOTHING }>([
  { postgres: 'first', temporal: 'now' }, // which is still there
  { postgres: 'now', temporal: 'first' },
  { postgres: 'first', temporal: 'second' },
  { postgres: 'second', temporal: 'first' },
  { postgres: 'first', temporal: NOTHING },
])('PostgreSQL of $postgres and Temporal of $temporal come to agree', async ({ postgres, temporal }) => {
  const { rotated, paused, remapped, disconnected, young, unmapped } = partners;
  // A worker keeps the runs that it works on in memory, and would go on with what Temporal has forgotten of them.
  const forgets = temporal === 'first' || temporal === 'second';
  if (forgets) await stack.killWorkers();
  await putBack(stack, { postgres, ...(temporal !== 'now' && { temporal }) }, append);
  if (forgets) await stack.startWorker();
  await reconciled();

  await tokenPauses(rotated, postgres);
  const later = temporal === NOTHING ? postgres : laterOf(postgres, temporal);
  await agree(paused, later === 'second' ? 'paused' : 'active');
  await agree(remapped, 'active');
  expect(await remapped.connection()).toMatchObject({ mapping_version: 1 + MOMENTS.indexOf(postgres) });
  await agree(disconnected, later === 'now' ? 'disconnected' : 'active');
  if (postgres === 'first') await isGone(young);
  else await agree(young, 'active');
  await agree(unmapped, later === 'first' ? 'awaiting_mapping' : 'active');

  if (later === 'second') await paused.connections.resume(...paused.target);
  const living = [rotated, paused, remapped, unmapped];
  if (later !== 'now') living.push(disconnected);
  if (postgres !== 'first') living.push(young);
  if (postgres === 'first') await unmapped.map({ 0: 1 }, true);
  await collected(...living);
  for (const partner of living) expect(await compareWithTruth(partner)).toEqual([]);
});

const laterOf = (one: Moment, other: Moment): Moment =>
  MOMENTS[Math.max(MOMENTS.indexOf(one), MOMENTS.indexOf(other))] ?? one;

let labels = 0;
function newToken(): string {
  const { control, state } = stack.simulator;
  const accountIds = [state.world.accounts[0]?.id ?? ''];
  return control.addToken({ label: `token ${(labels += 1)}`, accountIds }).token;
}

async function begin(partner: Partner, apiToken = newToken()): Promise<void> {
  await again(() => partner.connect({ apiToken }));
  await partner.map({ 0: 1, 1: 2 });
}

/** Temporal has just come back. */
const again = sentUntilTaken;

const append = () => void stack.simulator.control.appendActivities({ count: 50 });

async function collected(...all: readonly Partner[]): Promise<void> {
  for (const partner of all) await partner.caughtUp();
}

/** What the schedule starts every two minutes. */
async function reconciled(): Promise<void> {
  await waitUntil('a reconciliation', async () => {
    const outcome = await stack.services.temporal.workflow.execute(RECONCILE_WORKFLOW, {
      taskQueue: MAINTENANCE_QUEUE,
      workflowId: `reconcile-${randomUUID()}`,
    });
    return outcome.failed === 0;
  });
}

/** A revoked token is found out, said, and ended by a new one. */
async function tokenPauses(partner: Partner, postgres: Moment): Promise<void> {
  if (postgres !== 'now') {
    await agree(partner, 'paused');
    expect(await partner.connection()).toMatchObject({ pause_reasons: ['token'] });
    // Notices are made up to date after the state was written.
    await waitUntil('the notice of it', async () => {
      const open = (await partner.rows('notices')).filter(({ resolved_at: at }) => at === null);
      return open.some(({ kind }) => kind === 'token_rejected');
    });
    await partner.tokens.replace(...partner.target, newToken());
  }
  await agree(partner, 'active');
}

/** The workflow's own word and the row say the same. */
async function agree(partner: Partner, state: string): Promise<void> {
  await waitUntil(`${state}, both`, async () => {
    const row = await partner.connection();
    if (row['state'] !== state) return false;
    const told = await partner.workflow.query(status);
    expect({ state: told.state, seq: told.stateSeq, reasons: told.pauseReasons }).toEqual({
      state: row['state'],
      seq: row['state_seq'],
      reasons: row['pause_reasons'],
    });
    if (state === 'disconnected') return true;
    expect({ credential: told.credentialId, mapping: told.mappingVersion }).toEqual({
      credential: row['credential_id'],
      mapping: row['mapping_version'],
    });
    return true;
  });
}

/** Nothing is left of it in either. */
async function isGone(partner: Partner): Promise<void> {
  expect(await partner.rows('connections', { key: 'id' })).toEqual([]);
  await waitUntil('its workflow to end', async () => {
    try {
      return (await partner.workflow.describe()).status.name !== 'RUNNING';
    } catch (error) {
      return (error as Error).name === 'WorkflowNotFoundError';
    }
  });
}
