// One connection's history, collected by a process of its own, and what that cost everybody who took part.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Window } from '../../src/domain/collecting.js';
import { startPart } from '../../src/embedded/part.js';
import { cpuSeconds, difference, serverCpuSeconds } from '../harness/cpu-time.js';
import type { CollectorJob, CollectorResult } from './collector.js';
import { connect, queueHistory } from './connected.js';
import { openParts } from './parts.js';

export interface HistoryOptions {
  readonly databaseUrl: string;
  readonly postgresPid: number;
  readonly console: { readonly pid: number; readonly url: string; readonly token: string };
  readonly window: Window;
}

export interface Collected extends CollectorResult {
  /** Stored and discarded: what the database knows of the window afterwards. */
  readonly rows: number;
  readonly stored: number;
  readonly postgresCpuSeconds: number | null;
  readonly consoleCpuSeconds: number | null;
}

export interface History {
  /** Collects the window; the second time every activity is known. */
  collect(options?: { readonly profile: boolean }): Promise<Collected>;
}

const COLLECTOR = fileURLToPath(new URL('./collector.ts', import.meta.url));

export async function collectHistory({ databaseUrl, postgresPid, console, window }: HistoryOptions): Promise<History> {
  const encryptionKeys = `bench:${randomBytes(32).toString('base64url')}`;
  const options = { databaseUrl, simulatorUrl: console.url, encryptionKeys };
  const withParts = async <T>(work: (parts: ReturnType<typeof openParts>) => Promise<T>): Promise<T> => {
    const parts = openParts(options);
    return work(parts).finally(() => parts.close());
  };
  const ref = await withParts((parts) => connect(parts, console, window));
  return {
    async collect({ profile } = { profile: false }) {
      await withParts((parts) => queueHistory(parts.database, ref, window));
      await onDatabase(databaseUrl, 'checkpoint');
      const before = { postgres: serverCpuSeconds(postgresPid), console: cpuSeconds(console.pid) };
      const result = await runCollector({ ...options, ref, profile });
      const after = { postgres: serverCpuSeconds(postgresPid), console: cpuSeconds(console.pid) };
      return {
        ...result,
        ...(await countRows(databaseUrl)),
        postgresCpuSeconds: difference(after.postgres, before.postgres),
        consoleCpuSeconds: difference(after.console, before.console),
      };
    },
  };
}

async function runCollector(job: CollectorJob): Promise<CollectorResult> {
  const lines: string[] = [];
  const part = await startPart({
    name: 'collector',
    command: process.execPath,
    args: ['--import', 'tsx', COLLECTOR, JSON.stringify(job)],
    env: process.env,
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    output: { onLine: (line) => lines.push(line) },
  });
  const { code } = await part.exited;
  const last = lines.at(-1);
  if (code !== 0 || last === undefined) throw new Error(`the collecting process failed:\n${lines.join('\n')}`);
  return JSON.parse(last) as CollectorResult;
}

async function countRows(databaseUrl: string): Promise<{ rows: number; stored: number }> {
  const [row] = await onDatabase(
    databaseUrl,
    'select (select count(*) from events)::int as stored, (select count(*) from discards)::int as discarded',
  );
  const stored = Number(row?.['stored']);
  return { stored, rows: stored + Number(row?.['discarded']) };
}

async function onDatabase(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
