// What is said twice is done once: signals that come again, also after newer ones; updates whose reply was lost, asked
// again in the same run, in the next one and around the end of a run. Real workers, activities and tables.
import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type WorkflowUpdateHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queueBackfill } from '../../src/store/collecting/backfill.repository.js';
import { createTokenCipher, parseEncryptionKeys } from '../../src/store/token-cipher.js';
import * as messages from '../../workflows/connection/messages.js';
import { aPendingCredential, asTenant } from '../support/builders.js';
import { type E2eStack, QUICK, startE2eStack, waitUntil } from './support/e2e-stack.js';
import { collectingPartner, type Partner } from './support/partner.js';
import { compareWithTruth } from './support/truth.js';

/** Runs end often; sites are synced as rarely as lets a run end by messages alone. */
const EVENTS_A_RUN = 200;
const INTERVALS = { ...QUICK, sitesIntervalMs: 3_600_000, licenseCountsIntervalMs: 3_600_000 };
const HOUR_MS = 3_600_000;

let stack: E2eStack;
let partner: Partner;
beforeAll(async () => {
  stack = await startE2eStack({
    durable: false,
    intervals: INTERVALS,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': EVENTS_A_RUN },
    simulator: { historyRows: 1_000 },
  });
  await stack.startWorker();
  partner = await collectingPartner(stack);
  await collectedOnce();
});
afterAll(() => stack[Symbol.asyncDispose]());

test('a rotation by signal, sent twice, is one; an older one that comes again is refused', async () => {
  const second = await pendingToken('second');
  for (let n = 0; n < 2; n += 1) await partner.workflow.signal(messages.rotateTokenSignal, { credentialId: second });
  await waitUntil('the second token', async () => (await current()) === second);
  await untilSignalsAreDone();
  const third = await pendingToken('third');
  await partner.workflow.signal(messages.rotateTokenSignal, { credentialId: third });
  await waitUntil('the third token', async () => (await current()) === third);

  await partner.workflow.signal(messages.rotateTokenSignal, { credentialId: second });

  await waitUntil('the refusal', async () => (await refused('rotateToken')).length > 0);
  expect(await refused('rotateToken')).toEqual(['unknown_credential']);
  expect(await current()).toBe(third);
  const living = (await partner.rows('credentials')).filter(({ token_jwe: token }) => token !== null);
  expect(living.map(({ id }) => id)).toEqual([third]);
  stack.simulator.control.appendActivities({ count: 20 });
  await collectedOnce();
});

test('a mapping by signal, sent twice, is one version; an older one that comes again is refused', async () => {
  const { version } = await partner.sites();
  const change = (n: number, at: number): messages.RemapSites => ({
    version: at,
    changes: [{ siteId: partner.siteIds[2] ?? '', organizationId: partner.organizationId(n) }],
    collectDiscarded: false,
  });
  for (let n = 0; n < 2; n += 1) await partner.workflow.signal(messages.remapSitesSignal, change(1, version));
  await waitUntil('the refusal of the second', async () => (await refused('remapSites')).length === 1);
  await partner.workflow.signal(messages.remapSitesSignal, change(2, version + 1));
  await partner.workflow.signal(messages.remapSitesSignal, change(1, version));
  await waitUntil('the refusal of the old one', async () => (await refused('remapSites')).length === 2);

  expect(await refused('remapSites')).toEqual(['mapping_conflict', 'mapping_conflict']);
  const items = (await partner.sites()).items;
  expect(items.find(({ siteId }) => siteId === partner.siteIds[2])?.organizationId).toBe(partner.organizationId(2));
  expect(await partner.connection()).toMatchObject({ mapping_version: version + 2 });
  stack.simulator.control.appendActivities({ count: 20 });
  await collectedOnce();
});

test('a backfill that is announced again and again is worked off once', async () => {
  const { accountId, connectionId } = partner;
  const window = { fromMicros: (Date.now() - 9 * HOUR_MS) * 1000, toMicros: (Date.now() - HOUR_MS) * 1000 };
  for (let n = 0; n < 3; n += 1) await partner.workflow.signal(messages.backfillQueued);
  const id = await asTenant(stack.services.owner, accountId, (tenant) =>
    queueBackfill(tenant, { connectionId, kind: 'requested', window }),
  );
  for (let n = 0; n < 3; n += 1) await partner.workflow.signal(messages.backfillQueued);
  await waitUntil('the backfill', async () => (await partner.unfinishedBackfills()) === 0);
  const done = await backfillRow(id);
  for (let n = 0; n < 3; n += 1) await partner.workflow.signal(messages.backfillQueued);
  await untilSignalsAreDone();
  await waitUntil(
    'its workflow to end',
    async () => (await partner.backfillWorkflow.describe()).status.name !== 'RUNNING',
  );

  expect(done).toMatchObject({ state: 'done', stored_count: 0, discarded_count: 0 });
  expect(await backfillRow(id)).toEqual(done);
  await collectedOnce();
});

test('an old rejection that comes again pauses nothing', async () => {
  const before = await partner.workflow.query(messages.status);
  const rejection = { code: 's1.token_rejected', credentialId: await destroyedCredential() } as const;
  for (let n = 0; n < 2; n += 1) await partner.workflow.signal(messages.backfillStopped, rejection);
  await untilSignalsAreDone();

  const { state, stateSeq } = await partner.workflow.query(messages.status);
  expect({ state, stateSeq }).toEqual({ state: 'active', stateSeq: before.stateSeq });
});

test('an update whose reply was lost is answered as before, in its own run and in the next', async () => {
  const [id, refusedId] = [randomUUID(), randomUUID()];
  const { version } = await partner.sites();
  const remap = {
    version,
    changes: [{ siteId: partner.siteIds[2] ?? '', organizationId: null }],
    collectDiscarded: false,
  };
  const outdated = { ...remap, version: version - 1 };
  await accepted(messages.remapSites, remap, id); // and nobody waits for the result
  const first = await answer(messages.remapSites, remap, id);
  expect(first).toMatchObject({ version: version + 1 });
  await expect(answer(messages.remapSites, outdated, refusedId)).rejects.toThrow(WorkflowUpdateFailedError);
  expect(await answer(messages.remapSites, remap, id)).toEqual(first);

  await nextRun();

  expect(await answer(messages.remapSites, remap, id)).toEqual(first);
  await expect(answer(messages.remapSites, { ...outdated, version: version + 1 }, refusedId)).rejects.toMatchObject({
    cause: { type: 'mapping_conflict' },
  });
  expect(await partner.connection()).toMatchObject({ mapping_version: version + 1 });
});

test('updates around the end of a run, each sent three times, are each done once', async () => {
  const { mapping_version: before } = await partner.connection();
  const first = await runId();
  const sent: string[] = [];
  while ((await runId()) === first) {
    const updateId = randomUUID();
    sent.push(updateId);
    const defaultOrganizationId = partner.organizationId(sent.length % 2);
    const ask = () => answer(messages.changeSettings, { defaultOrganizationId }, updateId);
    const answers = await Promise.all([ask(), ask(), ask()].map((each) => each.catch(ask)));
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
  }

  // Each makes a version of the mapping.
  expect(await partner.connection()).toMatchObject({ mapping_version: Number(before) + sent.length });
  const commands = await partner.rows('commands', { columns: 'command_id' });
  expect(
    commands
      .map(({ command_id: id }) => String(id))
      .filter((id) => sent.includes(id))
      .sort(),
  ).toEqual(sent.sort());
});

test('a disconnect that is repeated after the end is no other one', async () => {
  const updateId = randomUUID();
  const first = await answer(messages.disconnect, {}, updateId);
  await partner.workflow.result();

  const again = await answer(messages.disconnect, {}, updateId);

  expect(again).toEqual(first);
  expect(await partner.connection()).toMatchObject({ state: 'disconnected' });
  const ends = await partner.rows('connection_timeline', { columns: 'outcome' });
  expect(ends.filter(({ outcome }) => outcome === 'disconnected')).toHaveLength(1);
});

const soon = () => new Date(Date.now() + 4_000).toISOString();
const runId = async () => (await partner.workflow.describe()).runId;
const current = async () => (await partner.connection())['credential_id'];

type Update<Result, Args> = UpdateDefinition<Result, [Args & messages.Expiring], string>;

function accepted<Result, Args>(update: Update<Result, Args>, args: Args, updateId: string) {
  const handle: Promise<WorkflowUpdateHandle<Result>> = partner.workflow.startUpdate(
    update as UpdateDefinition<Result, [Args & messages.Expiring]>,
    { args: [{ ...args, notAfter: soon() }], updateId, waitForStage: 'ACCEPTED' },
  );
  return handle;
}

async function answer<Result, Args>(update: Update<Result, Args>, args: Args, updateId: string): Promise<Result> {
  return (await accepted(update, args, updateId)).result();
}

async function nextRun(): Promise<void> {
  const first = await runId();
  while ((await runId()) === first) await answer(messages.pause, {}, randomUUID());
  await answer(messages.resume, {}, randomUUID());
}

/** They are worked off in order, so one that is refused at once and written down comes last. */
async function untilSignalsAreDone(): Promise<void> {
  const kind = 'backfillStopped';
  const before = (await refused(kind)).length;
  await partner.workflow.signal('backfillStopped');
  await waitUntil('every signal so far', async () => (await refused(kind)).length > before);
}

async function refused(kind: string): Promise<string[]> {
  const lines = await partner.rows('connection_timeline', { columns: 'kind, outcome, code' });
  return lines.filter((line) => line['kind'] === kind && line['outcome'] === 'refused').map(({ code }) => String(code));
}

async function pendingToken(label: string): Promise<string> {
  const { accountId, connectionId } = partner;
  const { token } = stack.simulator.control.addToken({ label, accountIds: [partner.s1AccountId] });
  const cipher = createTokenCipher(parseEncryptionKeys(stack.encryptionKeys));
  return aPendingCredential({ database: stack.services.owner, cipher }, { accountId, connectionId, token });
}

async function destroyedCredential(): Promise<string> {
  const row = (await partner.rows('credentials')).find(({ token_jwe: token }) => token === null);
  if (row === undefined) throw new Error('no token has been replaced yet');
  return String(row['id']);
}

async function backfillRow(id: string) {
  return (await partner.rows('backfills')).find((row) => row['id'] === id);
}

async function collectedOnce(): Promise<void> {
  await partner.caughtUp();
  expect(await compareWithTruth(partner)).toEqual([]);
}
