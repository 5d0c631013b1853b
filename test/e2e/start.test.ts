// The main job: `npm start` brings everything up by itself, collects, stops cleanly, and goes on where it was.
import { readFile, rm, stat } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { simulatorControl } from '../../src/embedded/demo/simulator-control.js';
import { keepGeneratedSecrets } from '../../src/embedded/generated-secrets.js';
import { createCli } from '../support/cli.js';
import { waitUntil } from './support/e2e-stack.js';
import { npmStart, stackFileIn, type Started } from './support/start.js';

const PARTS = ['api', 'postgres', 'simulator', 'start', 'temporal', 'worker'];
/** What the demonstration's console holds when it starts; a few rows are hidden from clients. */
const HISTORY_ROWS = 5_000;
/** Empty is unset: ten seconds by `npm start` itself. */
const ENVIRONMENT = { POLL_INTERVAL_SECONDS: '' };

let dataDir: string;
beforeAll(async () => {
  dataDir = await temporaryDataDir();
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

let started: Started | undefined;
let generatedToken: string;
/** A test that failed halfway leaves nothing for the next one. */
afterEach(async () => {
  started?.signal('SIGTERM');
  await started?.exitCode;
});

test('comes up, collects the demonstration, and stops on Ctrl-C', async () => {
  started = await npmStart(dataDir, ENVIRONMENT);
  const { stack, workerUrl } = started;
  expect(Object.keys(stack.pids).sort()).toEqual(PARTS);
  expect(started.running().sort()).toEqual(PARTS);
  expect((await stat(stackFileIn(dataDir))).mode & 0o777).toBe(0o600);
  expect(await statusOf(`${stack.apiUrl}/healthz`)).toBe(200);
  expect(await statusOf(`${stack.apiUrl}/readyz`)).toBe(200);
  const { simulatorToken } = await keepGeneratedSecrets(dataDir);
  expect(await readFile(`/proc/${stack.pids['simulator']}/cmdline`, 'utf8')).not.toContain(simulatorToken);
  expect((await readFile(`/proc/${stack.pids['api']}/environ`, 'utf8')).split('\0')).toContain(
    'POLL_INTERVAL_SECONDS=10',
  );
  expect(await statusOf(`${stack.temporalUiUrl ?? ''}/`)).toBe(200);
  expect(await statusOf(`${stack.simulatorUrl ?? ''}/web/api/v2.1/system/status`)).toBe(200);
  const metrics = await (await fetch(`${workerUrl}/metrics`)).text();
  expect(metrics).toMatch(/^process_cpu_seconds_total /m);
  expect(metrics).toMatch(/^temporal_worker_task_slots_used/m);

  await waitUntil(
    'the history to be collected',
    async () => (await totalsOf(stack.databaseUrl)).stored > HISTORY_ROWS / 2,
  );
  const { stored, discarded, connections } = await totalsOf(stack.databaseUrl);
  expect({ discards: discarded > 0, connections }).toEqual({ discards: true, connections: ['active'] });
  await waitUntil('a line that says so', () => lastTotals(started).events >= stored);

  // The command line finds it by itself.
  const listed = await createCli(() => ({ ...process.env, DATA_DIR: dataDir })).run(['list', '--json']);
  expect(listed).toMatchObject({ code: 0, error: '' });
  expect(listed.json().items).toMatchObject([{ accountName: 'Demonstration', state: 'active' }]);

  const generated = await simulatorControl(stack.simulatorUrl ?? '').order('regenerate-token', { token: 'account-2' });
  generatedToken = (generated as { token: string }).token;

  started.signal('SIGINT');
  expect(await started.exitCode).toBe(0);
  expect(started.running()).toEqual([]);
  await expect(stat(stackFileIn(dataDir))).rejects.toThrow('ENOENT');
});

test('goes on with what it has collected, and ends with 1 when a part dies', async () => {
  started = await npmStart(dataDir, ENVIRONMENT);
  const { databaseUrl, simulatorUrl } = started.stack;
  // The token that was generated before the restart, as the README's walk-through does it.
  const authorization = `ApiToken ${generatedToken}`;
  expect(await statusOf(`${simulatorUrl ?? ''}/web/api/v2.1/sites`, { authorization })).toBe(200);
  const before = await totalsOf(databaseUrl);
  expect(before.stored).toBeGreaterThan(HISTORY_ROWS / 2);
  expect(before.accounts).toBe(1);
  await waitUntil('new rows', async () => (await totalsOf(databaseUrl)).stored > before.stored);

  process.kill(started.stack.pids['worker'] ?? 0, 'SIGKILL');
  expect(await started.exitCode).toBe(1);
  const lines = started.lines();
  expect(lines).toContain('worker ended by itself (signal SIGKILL): stopping everything');
  expect(lines.filter((line) => line.includes('"process":"worker"'))).not.toEqual([]);
  expect(started.running()).toEqual([]);
});

test('without the simulator it makes the first account and seeds nothing', async () => {
  const folder = await temporaryDataDir();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  started = await npmStart(folder, { ...ENVIRONMENT, SIMULATOR: 'off' });
  const { stack } = started;
  expect(stack.simulatorUrl).toBeNull();
  expect(Object.keys(stack.pids).sort()).toEqual(PARTS.filter((part) => part !== 'simulator'));
  expect(await totalsOf(stack.databaseUrl)).toEqual({ stored: 0, discarded: 0, accounts: 1, connections: [] });
  expect(await readFile(stackFileIn(folder), 'utf8')).not.toContain('simulatorToken');
  started.signal('SIGTERM');
  expect(await started.exitCode).toBe(0);
  expect(started.running()).toEqual([]);
});

async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, { headers });
  await response.arrayBuffer();
  return response.status;
}

async function totalsOf(databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ stored: number; discarded: number; accounts: number; connections: string[] }>(
      `select (select count(*)::int from events) as stored, (select count(*)::int from discards) as discarded,
              (select count(*)::int from accounts) as accounts, array(select state from connections) as connections`,
    );
    return rows[0] ?? { stored: 0, discarded: 0, accounts: 1, connections: [] };
  } finally {
    await client.end();
  }
}

/** What the latest status line says. */
function lastTotals(of: Started | undefined): { events: number } {
  const line = of?.lines().findLast((each) => each.includes('  events ')) ?? '';
  return { events: Number((/events ([\d,]+)/.exec(line)?.[1] ?? '0').replaceAll(',', '')) };
}
