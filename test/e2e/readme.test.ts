// The README's walk-through, executed as it is written, beside a stack that `npm start` has just brought up.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { simulatorControl, simulatorState } from '../../src/embedded/demo/simulator-control.js';
import { npmStart, type Started } from './support/start.js';

const README = new URL('../../README.md', import.meta.url);
const TIMEOUT_MS = 120_000;

/** Where it was started: a folder with `.data` in it. */
let folder: string;
let dataDir: string;
let started: Started;

beforeAll(async () => {
  [folder, dataDir] = await Promise.all([mkdtemp(join(tmpdir(), 'readme-')), temporaryDataDir()]);
  await symlink(dataDir, join(folder, '.data'));
  started = await npmStart(dataDir, {});
});
afterAll(async () => {
  started.signal('SIGTERM');
  await started.exitCode;
  await Promise.all([folder, dataDir].map((path) => rm(path, { recursive: true, force: true })));
});

test('what it promises of `npm start` is printed', async () => {
  const { apiKey, adminPassword } = JSON.parse(await readFile(join(dataDir, 'generated-secrets.json'), 'utf8')) as {
    readonly apiKey: string;
    readonly adminPassword: string;
  };
  const printed = started.lines().map((line) => line.trim().replaceAll(/ {2,}/g, ' | '));
  expect(printed).toEqual(
    expect.arrayContaining([
      `console | ${started.stack.apiUrl}`,
      `API | ${started.stack.apiUrl}/docs`,
      `sign-in | admin@example.com | ${adminPassword}`,
      `API key | ${apiKey}`,
      `SentinelOne simulator | ${started.stack.simulatorUrl ?? ''}`,
    ]),
  );
});

test('the walk-through connects an account, and ends with the counts of each organization', async () => {
  const commands = await walkThrough();
  expect(commands.split('\n').length).toBeLessThanOrEqual(13);
  const { stdout, stderr } = await promisify(execFile)('bash', ['-e', '-c', commands], {
    cwd: folder,
    timeout: TIMEOUT_MS,
  });
  expect(stderr).toBe('');
  const counts = countsIn(stdout);
  const { sites } = await simulatorState(simulatorControl(started.stack.simulatorUrl ?? ''));
  const licenses = sites.map(({ name, activeLicenses }) => [name, activeLicenses] as const);
  const [unmapped] = started.lines().flatMap((line) => /; (.+) is left unmapped$/.exec(line)?.[1] ?? []);
  // In the demonstration and in the walk-through an organization has the name of its site.
  expect(counts.map(({ organization, licenses: count }) => [organization, count]).sort()).toEqual(
    licenses.filter(([name]) => name !== unmapped).sort(),
  );
  const held = await eventsByOrganization();
  for (const { organization, events } of counts) {
    expect.soft(held.get(organization) ?? 0, organization).toBeGreaterThanOrEqual(events);
  }
  expect(counts.find(({ organization }) => organization === 'Harbour Clinic')?.events).toBeGreaterThan(0);
});

async function walkThrough(): Promise<string> {
  const section = /^## Try the API\n[^]*?(?=^## )/m.exec(await readFile(README, 'utf8'))?.[0] ?? '';
  return [...section.matchAll(/^```bash\n([^]*?)\n```$/gm)].map(([, block]) => block).join('\n');
}

const countsIn = (output: string) =>
  [...output.matchAll(/^(.+): (\d+) licenses, (\d+) events$/gm)].map(([, organization = '', licenses, events]) => ({
    organization,
    licenses: Number(licenses),
    events: Number(events),
  }));

async function eventsByOrganization(): Promise<Map<string, number>> {
  const client = new pg.Client({ connectionString: started.stack.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; count: number }>(
      `select name, count(*)::int as count
         from events join organizations on organizations.id = events.organization_id group by name`,
    );
    return new Map(rows.map(({ name, count }) => [name, count]));
  } finally {
    await client.end();
  }
}
