// A connection whose workflow is gone comes back: by a command, by whoever operates the product, by the reconciler. The
// whole api with real Temporal, worker and PostgreSQL; workflows are terminated and deleted as somebody could do it.
import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workflowId } from '../../src/domain/temporal-names.js';
import { createLog } from '../../src/log.js';
import { reconcileNotices } from '../../src/store/connections/notice.repository.js';
import { openDatabase } from '../../src/store/database.js';
import { createConnectionRepair } from '../../src/temporal/connection-repair.js';
import { createConnectionRepairs } from '../../src/worker/connection-repairs.js';
import { aConnection, asTenant } from '../support/builders.js';
import { type ConnectedStage, eventually, openConnectedStage, type Partner } from './support/connected-stage.js';

let stage: ConnectedStage;
beforeAll(async () => {
  stage = await openConnectedStage();
  await stage.startWorker();
});
afterAll(() => stage[Symbol.asyncDispose]());

const HOUR_MS = 3_600_000;

const workflowOf = ({ account, connectionId }: Partner): WorkflowHandle =>
  stage.temporal.client.workflow.getHandle(workflowId(account.accountId, connectionId));
const statusOf = async (partner: Partner) => (await workflowOf(partner).describe()).status.name;

/** As somebody does it in Temporal's UI. */
const terminate = (partner: Partner) => workflowOf(partner).terminate('a test');

/** Temporal deletes in the background. */
async function deleteWorkflow(partner: Partner): Promise<void> {
  const { client } = stage.temporal;
  const { workflowId } = workflowOf(partner);
  const { namespace } = client.options;
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
  const isThere = () =>
    workflowOf(partner)
      .describe()
      .then(() => true)
      .catch(() => false);
  await eventually(isThere, (there) => !there);
}

/** What was asked of it since is forgotten. */
async function resetToFirstTask(partner: Partner): Promise<void> {
  const { client } = stage.temporal;
  const { runId, workflowId } = await workflowOf(partner).describe();
  const { events } = await workflowOf(partner).fetchHistory();
  const first = (events ?? []).find((event) => event.workflowTaskCompletedEventAttributes);
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'a test',
    requestId: randomUUID(),
    workflowTaskFinishEventId: first?.eventId ?? null,
    resetReapplyType: RESET_REAPPLY_NONE,
  });
}

const RESET_REAPPLY_NONE = 2;

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];
const acceptedUpdate = ({ workflowExecutionUpdateAcceptedEventAttributes: accepted }: HistoryEvent) =>
  accepted?.acceptedRequest?.input?.name;

const query = async (sql: string, ...values: readonly string[]) =>
  (await stage.api.owner.pool.query<Record<string, unknown>>(sql, [...values])).rows;
const rowOf = async ({ connectionId }: Partner) =>
  (await query('select * from connections where id = $1', connectionId))[0] ?? {};
const repairsOf = async ({ connectionId }: Pick<Partner, 'connectionId'>) =>
  (
    await query(`select details from connection_timeline where connection_id = $1 and kind = 'repair'`, connectionId)
  ).map(({ details }) => details);
const tokensOf = async ({ connectionId }: Pick<Partner, 'connectionId'>) =>
  (await query('select token_jwe from credentials where connection_id = $1', connectionId)).map(
    ({ token_jwe: token }) => token !== null,
  );
const set = ({ connectionId }: Pick<Partner, 'connectionId'>, columns: string) =>
  query(`update connections set ${columns} where id = $1`, connectionId);

const repairOne = async ({ connectionId }: Pick<Partner, 'connectionId'>) =>
  (await stage.api.call(`POST /v1/operator/connections/${connectionId}/repair`, { as: 'operator' })).body;

async function aConnected(): Promise<Partner> {
  const partner = await stage.partner({ historyRows: 300 });
  return partner.connect({ collectFrom: new Date(Date.now() - 100 * HOUR_MS).toISOString() });
}

/** Active, and everything collected. */
async function aCollecting(): Promise<Partner> {
  const partner = await aConnected();
  await partner.map({ 0: partner.account.organizationId, 1: partner.account.otherOrganizationId });
  await eventually(partner.view, ({ collectedThrough }) => collectedThrough !== null);
  return partner;
}

/** What is new at the console arrives, and nothing is there twice. */
async function collectsOn(partner: Partner): Promise<void> {
  const { control, state, truthCounts } = partner.simulator;
  control.appendActivities({ count: 20 });
  const accountIds = [state.world.accounts[0]?.id ?? ''];
  const wanted = truthCounts({ accountIds, hidden: false }).total;
  const held = (counts: Record<string, number>) =>
    ['stored', 'discarded', 'rejected'].reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  await eventually(partner.view, ({ counts }) => held(counts) >= wanted);
  expect(held((await partner.view()).counts)).toBe(wanted);
  const sql = 'select count(*)::int as n, count(distinct activity_id)::int as ids from events where connection_id = $1';
  const [{ n, ids } = {}] = await query(sql, partner.connectionId);
  expect(n).toBe(ids);
}

test('a restart whose answer was lost is recorded by whoever looks next, and once', async () => {
  const partner = await aConnected();
  await set(partner, 'workflow_missing_since = now()');
  await Promise.all([repairOne(partner), repairOne(partner), repairOne(partner)]);
  expect(await repairsOf(partner)).toEqual([{ workflow: 'unknown' }]);
  expect(await rowOf(partner)).toMatchObject({ workflow_missing_since: null });
});

describe('a command that finds the workflow', () => {
  test('terminated starts it again as it was, and is carried out', async () => {
    const partner = await aCollecting();
    await partner.on('POST /pause');
    await partner.on('PATCH ', { body: { pollIntervalSeconds: 77 } });
    const before = await rowOf(partner);
    await terminate(partner);
    const reply = await partner.on('POST /recheck');
    expect(reply).toMatchObject({ status: 200, body: { state: 'paused', pauseReasons: ['person'] } });
    const { state_seq: seq, poll_interval_seconds: seconds } = await rowOf(partner);
    expect({ seq, seconds }).toEqual({ seq: before['state_seq'], seconds: 77 });
    expect(await repairsOf(partner)).toEqual([{ workflow: 'terminated' }]);
    const resumed = await partner.on('POST /resume');
    expect(resumed).toMatchObject({ status: 200, body: { state: 'active' } });
    expect((await rowOf(partner))['state_seq']).toBe(Number(before['state_seq']) + 1);
    await partner.on('PATCH ', { body: { pollIntervalSeconds: 10 } });
    await collectsOn(partner);
  });

  test('deleted does the same', async () => {
    const partner = await aCollecting();
    await deleteWorkflow(partner);
    expect((await partner.on('POST /pause')).body).toMatchObject({ state: 'paused' });
    expect(await repairsOf(partner)).toEqual([{ workflow: 'not_found' }]);
  });

  test.each([
    ['terminated', terminate],
    ['deleted', deleteWorkflow],
    ['reset', resetToFirstTask],
  ] as const)('%s while it is being carried out is carried out by the next run', async (_, take) => {
    const partner = await aCollecting();
    partner.simulator.control.addFault({ pathPrefix: '/sites', requests: 1, slowMs: 2_500 });
    const asked = partner.on('POST /sync-sites');
    await eventually(
      () => workflowOf(partner).fetchHistory(),
      ({ events }) => (events ?? []).some((event) => acceptedUpdate(event) === 'syncSites'),
    );
    await take(partner);
    expect(await asked).toMatchObject({ status: 200, body: { state: 'active' } });
    await collectsOn(partner);
  });

  test('ended, as the row says, is 409 as ever, and nothing is started', async () => {
    const partner = await aConnected();
    await partner.on('DELETE ');
    await eventually(partner.view, ({ state }) => state === 'disconnected');
    expect(await partner.on('POST /pause')).toMatchObject({ status: 409, body: { code: 'illegal_state' } });
    // The run ends a moment after it has shown that it does.
    const repaired = await eventually(
      () => repairOne(partner),
      ({ workflow }) => workflow !== 'running',
    );
    expect(repaired).toMatchObject({ workflow: 'disconnected', outcome: 'nothing' });
  });

  test('terminated disconnects when that is the command', async () => {
    const partner = await aConnected();
    await terminate(partner);
    expect((await partner.on('DELETE ')).status).toBe(202);
    await eventually(partner.view, ({ state }) => state === 'disconnected');
    expect(await tokensOf(partner)).toEqual([false]);
  });

  test('lost in the middle of a disconnect finishes it', async () => {
    const partner = await aConnected();
    await terminate(partner);
    await set(partner, `state = 'disconnecting', state_seq = state_seq + 1, ended_at = now()`);
    expect((await partner.on('DELETE ')).status).toBe(202);
    await eventually(partner.view, ({ state }) => state === 'disconnected');
    expect(await tokensOf(partner)).toEqual([false]);
  });

  test('gone also when a backfill is asked for', async () => {
    const partner = await aCollecting();
    await terminate(partner);
    const window = { from: new Date(Date.now() - 3 * HOUR_MS).toISOString(), to: new Date().toISOString() };
    const body = { ...window, acceptCurrentMapping: true };
    expect(await partner.on('POST /backfills', { body })).toMatchObject({ status: 201 });
    await eventually(
      async () => (await partner.on('GET /backfills')).body.items,
      (items) => items.every(({ state }: { state: string }) => state === 'done'),
    );
  });
});

describe('whoever operates the product', () => {
  test('repairs one, and hears how it was and what was done', async () => {
    const partner = await aCollecting();
    const { accountId } = partner.account;
    const { connectionId } = partner;
    const found = { accountId, connectionId, state: 'active', code: null };
    expect(await repairOne(partner)).toEqual({ ...found, workflow: 'running', outcome: 'nothing' });
    await terminate(partner);
    expect(await repairOne(partner)).toEqual({ ...found, workflow: 'terminated', outcome: 'restarted' });
    expect(await repairOne(partner)).toEqual({ ...found, workflow: 'running', outcome: 'nothing' });
    const { items } = (await partner.call('GET /v1/audit-log?action=connection.repaired')).body;
    expect(items).toMatchObject([
      { actor: { kind: 'operator' }, after: { workflow: 'terminated', outcome: 'restarted' } },
    ]);
    await collectsOn(partner);
  });

  test('repairs all, and one that was disconnected before the store was restored is disconnected again', async () => {
    const [lost, ended] = [await aConnected(), await aConnected()];
    const { rows: kept } = await stage.api.owner.pool.query<{ token_jwe: string }>(
      'select token_jwe from credentials where connection_id = $1',
      [ended.connectionId],
    );
    await ended.on('DELETE ');
    await eventually(
      () => statusOf(ended),
      (status) => status === 'COMPLETED',
    );
    await set(ended, `state = 'awaiting_mapping', state_seq = 1, ended_at = null`);
    await stage.api.owner.pool.query(
      'update credentials set token_jwe = $2, destroyed_at = null where connection_id = $1',
      [ended.connectionId, kept[0]?.token_jwe],
    );
    await terminate(lost);
    const all = async () => (await stage.api.call('POST /v1/operator/connections/repair', { as: 'operator' })).body;
    const outcomes: string[] = [];
    // Temporal's list of what runs is behind by a moment.
    await eventually(
      async () => {
        const { items } = await all();
        outcomes.push(
          ...items.map((item: { workflow: string; outcome: string }) => `${item.workflow} ${item.outcome}`),
        );
        return outcomes;
      },
      (seen) => seen.includes('terminated restarted') && seen.includes('disconnected ended'),
    );
    await eventually(ended.view, ({ state }) => state === 'disconnected');
    expect(await tokensOf(ended)).toEqual([false]);
    expect(await lost.view()).toMatchObject({ state: 'awaiting_mapping' });
    expect((await all()).failed).toBe(0);
  });

  test('hears of no connection that is not there', async () => {
    expect(await repairOne({ connectionId: '00000000-0000-4000-8000-000000000000' })).toMatchObject({
      code: 'not_found',
    });
  });
});

test('ten repairs at once start one run', async () => {
  const partner = await aCollecting();
  await terminate(partner);
  const answers = await Promise.all(Array.from({ length: 10 }, () => repairOne(partner)));
  expect(answers.filter(({ outcome }) => outcome === 'restarted')).toHaveLength(1);
  expect(answers.filter(({ outcome }) => outcome === 'nothing')).toHaveLength(9);
  expect(await repairsOf(partner)).toEqual([{ workflow: 'terminated' }]);
});

test('a namespace that is not there says nothing of any workflow: nothing is repaired', async () => {
  const partner = await aCollecting();
  const { accountId } = partner.account;
  const database = openDatabase({ url: stage.api.databaseUrl, maxConnections: 2 });
  const log = createLog({ process: 'test', level: 'silent' });
  for (const connection of [stage.temporal.client.connection, stage.temporal.connection]) {
    const temporal = new Client({ connection, namespace: 'no-such-namespace' });
    const repair = createConnectionRepair({ database, temporal });
    const away = { code: 'temporal_unavailable' };
    await expect(repair({ accountId, connectionId: partner.connectionId })).rejects.toMatchObject(away);
    const all = createConnectionRepairs({ database, temporal, log });
    await expect(all({ signal: new AbortController().signal, compare: true })).rejects.toMatchObject(away);
  }
  await database.close();
  expect(await repairsOf(partner)).toEqual([]);
});

test('a creation without a workflow is refused once nobody waits for it, and not before', async () => {
  const account = { ...stage.api.ours };
  const connection = await aConnection(stage.api.owner, { account, state: 'validating' });
  expect(await repairOne(connection)).toMatchObject({ workflow: 'not_found', outcome: 'nothing' });
  await set(connection, `created_at = now() - interval '2 minutes'`);
  expect(await repairOne(connection)).toMatchObject({ workflow: 'not_found', outcome: 'refused' });
  const [row] = await query('select state, refusal_code from connections where id = $1', connection.connectionId);
  expect(row).toEqual({ state: 'refused', refusal_code: 'command_expired' });
});

describe('the reconciler', () => {
  const run = async () => {
    const { client, taskQueue } = stage.temporal;
    return client.workflow.execute('reconcile', {
      taskQueue,
      workflowId: `reconcile-${crypto.randomUUID()}`,
      args: [],
    });
  };

  test('starts again what is gone, without a person, and a notice says so for a day', async () => {
    const partner = await aCollecting();
    await terminate(partner);
    await eventually(
      async () => {
        await run();
        return statusOf(partner);
      },
      (status) => status === 'RUNNING',
    );
    expect(await repairsOf(partner)).toEqual([{ workflow: 'terminated' }]);
    const open = async () =>
      (await partner.call('GET /v1/notices?state=open')).body.items.map(({ kind }: { kind: string }) => kind);
    expect(await open()).toContain('workflow_restarted');
    await set(partner, `workflow_restarted_at = now() - interval '25 hours'`);
    await asTenant(stage.api.owner, partner.account.accountId, (tenant) =>
      reconcileNotices(tenant, partner.connectionId),
    );
    expect(await open()).not.toContain('workflow_restarted');
    await collectsOn(partner);
  });

  test('asks a workflow that shows another state than its row to compare', async () => {
    const partner = await aCollecting();
    await set(partner, `state = 'paused', pause_reasons = '{person}'`);
    const signals = async () => {
      const { events } = await workflowOf(partner).fetchHistory();
      return (events ?? []).map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
    };
    await eventually(
      async () => {
        await run();
        return signals();
      },
      (names) => names.includes('compareWithStore'),
    );
  });
});
