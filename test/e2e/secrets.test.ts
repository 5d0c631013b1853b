// No token and no activity's content is anywhere but where it belongs: not in logs, not in Temporal, not in other
// tables. A connection lives through everything that could make somebody print too much, and then everything is
// searched.
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type E2eStack, startE2eStack, waitUntil } from './support/e2e-stack.js';
import { collectingPartner, openAccount, type Partner, problemOf } from './support/partner.js';

const secret = (what: string) => `${what}-${randomUUID()}`;
const TOKENS = {
  first: secret('first-token'),
  second: secret('second-token'),
  ofASite: secret('site-token'),
  ofAnother: secret('other-token'),
  unknown: secret('unknown-token'),
};
/** In the text of rows, and of what the console says when it refuses or is unwell. */
const CONTENT = secret('content');
/** The columns that hold an activity's own content, and the token's ciphertext. */
const OWN_PLACES = ['activity', 'message', 'user_name', 'host_name', 'raw', 'token_jwe'];

let stack: E2eStack;
let partner: Partner;
const toldProblems: unknown[] = [];
beforeAll(async () => {
  stack = await startE2eStack({ durable: false, simulator: { token: TOKENS.first, historyRows: 500 } });
  await stack.startWorker();
  partner = await liveThrough();
});
afterAll(() => stack[Symbol.asyncDispose]());

async function liveThrough(): Promise<Partner> {
  const { control, state } = stack.simulator;
  const [mapped, , unmapped] = state.world.sites.map(({ id }) => id);
  const accountId = state.world.accounts[0]?.id;
  for (const siteId of [mapped, unmapped]) {
    const data = { userName: CONTENT, computerName: CONTENT, fileContentHash: CONTENT };
    const row = { id: '{{id}}', createdAt: '{{createdAt}}', activityType: 27, accountId, siteId, data };
    const told = { primaryDescription: CONTENT, secondaryDescription: CONTENT, comments: CONTENT };
    control.appendRaw({ text: JSON.stringify({ ...row, ...told }) });
  }
  control.appendRaw({ text: JSON.stringify({ primaryDescription: CONTENT, accountId, createdAt: '{{createdAt}}' }) });
  const connected = await collectingPartner(stack);
  await connected.caughtUp();
  await rotate(connected);
  await refusals(connected);
  await failures(connected);
  return connected;
}

async function rotate(connected: Partner): Promise<void> {
  const { control } = stack.simulator;
  control.addToken({ label: 'second', token: TOKENS.second, accountIds: [connected.s1AccountId] });
  await connected.tokens.replace(...connected.target, TOKENS.second);
  control.revokeToken({ token: TOKENS.first });
}

async function refusals(connected: Partner): Promise<void> {
  const { control, state } = stack.simulator;
  control.addToken({ label: 'of a site', token: TOKENS.ofASite, siteIds: [connected.siteIds[0] ?? ''] });
  control.addToken({ label: 'of another', token: TOKENS.ofAnother, accountIds: [state.world.accounts[1]?.id ?? ''] });
  const newcomer = await openAccount(stack);
  toldProblems.push(
    await problemOf(newcomer.connect({ apiToken: TOKENS.ofASite })),
    await problemOf(newcomer.connect({ apiToken: TOKENS.unknown })),
    await problemOf(newcomer.connect({ apiToken: `${TOKENS.unknown} ${TOKENS.first}` })),
    await problemOf(connected.tokens.replace(...connected.target, TOKENS.ofAnother)),
  );
}

async function failures(connected: Partner): Promise<void> {
  const { control } = stack.simulator;
  const fails = async (code: string) => (await connected.connection())['failure_code'] === code;
  const isPaused = async () => (await connected.connection())['state'] === 'paused';
  const rests = async () => {
    await waitUntil('the pause', isPaused);
    control.clearFaults();
    control.restoreToken({ token: TOKENS.second });
    expect(await connected.connections.recheck(...connected.target)).toMatchObject({ body: { state: 'active' } });
  };
  const always = { requests: 1_000, pathPrefix: '/activities' };
  const errors = JSON.stringify({ errors: [{ code: 1, title: CONTENT, detail: `${CONTENT} ${TOKENS.second}` }] });
  control.addFault({ ...always, status: 502, body: `<html>${CONTENT} ${TOKENS.second}</html>` });
  await waitUntil('an outage', () => fails('s1.unavailable'));
  control.clearFaults();
  control.revokeToken({ token: TOKENS.second });
  await rests();
  control.addFault({ requests: 1_000, pathPrefix: '/sites', status: 403, body: errors });
  await rests();
  control.addFault({ ...always, status: 200, body: errors });
  await waitUntil('a wrong answer', () => fails('s1.bad_response'));
  control.clearFaults();
  control.addFault({ ...always, status: 400, body: errors });
  await connected.connections.pause(...connected.target);
  await connected.connections.resume(...connected.target);
  await waitUntil('a refused request', () => fails('s1.bad_request'));
}

describe('neither tokens nor content are', () => {
  test('in the logs of worker and PostgreSQL', async () => {
    const log = stack.workerLog();
    expect(log).toContain(partner.connectionId);
    expect(leaksIn(log)).toEqual([]);
    expect(leaksIn(await readFile(join(stack.dataDir, 'logs', 'postgres.log'), 'utf8'))).toEqual([]);
  });

  test('in the histories of workflows, or what Temporal shows of them', async () => {
    const { workflow } = stack.services.temporal;
    const seen = new Map<string, string>();
    for await (const { workflowId, runId } of workflow.list()) {
      const handle = workflow.getHandle(workflowId, runId);
      const { history, raw } = { history: await handle.fetchHistory(), ...(await handle.describe()) };
      const text = withDecoded(`${historyToJSON(history)} ${JSON.stringify(raw)}`);
      expect({ workflowId, leaks: leaksIn(text) }).toEqual({ workflowId, leaks: [] });
      seen.set(workflowId, text);
    }
    for (const { workflowId } of [partner.workflow, partner.backfillWorkflow]) {
      expect(seen.get(workflowId)).toContain(`"connectionId":"${partner.connectionId}"`);
    }
  });

  test("in Temporal's files", async () => {
    const folder = join(stack.dataDir, 'temporal');
    // The rollback journal comes and goes; what it holds was in the database before.
    const isLasting = (name: string) => name.startsWith('workflows.db') && !name.endsWith('-journal');
    const names = (await readdir(folder)).filter(isLasting);
    const bytes = Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder, name))))).toString(
      'latin1',
    );
    expect(bytes).toContain(partner.connectionId);
    expect(leaksIn(bytes)).toEqual([]);
  });

  test('in tables but in the columns made for them', async () => {
    const tables = await stack.query(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace
        and relkind in ('r', 'p') and not relispartition order by 1`,
    );
    const leaks: string[] = [];
    let everything = '';
    for (const { name } of tables) {
      const rows = await stack.query(
        `select to_jsonb(t) as row, to_jsonb(t) - $1::text[] as rest from ${String(name)} t`,
        [OWN_PLACES],
      );
      everything += JSON.stringify(rows.map(({ row }) => row));
      leaks.push(
        ...leaksIn(withDecoded(JSON.stringify(rows.map(({ rest }) => rest)))).map((leak) => `${String(name)}: ${leak}`),
      );
    }
    expect(everything).toContain(CONTENT);
    expect(leaks).toEqual([]);
    for (const token of Object.values(TOKENS)) expect(everything).not.toContain(token);
  });

  test('in what people are told', () => {
    expect(toldProblems).toHaveLength(4);
    expect(leaksIn(inspect(toldProblems, { depth: 20 }))).toEqual([]);
    expect(leaksIn(JSON.stringify(toldProblems))).toEqual([]);
  });
});

test('a token that was replaced or refused is kept nowhere, not even encrypted', async () => {
  const kept = await stack.query('select last_four from credentials where token_jwe is not null');
  expect(kept).toEqual([{ last_four: TOKENS.second.slice(-4) }]);
});

/** What of all that is secret stands in a text. */
function leaksIn(text: string): string[] {
  const registrations = stack.simulator.state.world.sites.map((site) => site.registrationToken);
  return [...Object.values(TOKENS), CONTENT, ...registrations].filter((each) => text.includes(each));
}

/** With everything that is written in base64 once more in clear, as payloads are. */
function withDecoded(text: string): string {
  const encoded = text.match(/[A-Za-z0-9+/_-]{16,}={0,2}/g) ?? [];
  return [text, ...encoded.map((each) => Buffer.from(each, 'base64').toString())].join('\n');
}
