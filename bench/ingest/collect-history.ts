// History of one or more connections, collected by a process of its own, and what that cost everybody who took part.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Window } from '../../src/domain/collecting/windows.js';
import { toInstant } from '../../src/domain/instant.js';
import { startPart } from '../../src/embedded/processes/part.js';
import { WORKER_NODE_OPTIONS } from '../../src/worker/node-options.js';
import type { CollectorJob, CollectorResult } from './collector.js';
import { connect } from './connected.js';
import { openParts } from './parts.js';

export interface HistoryOptions {
  readonly databaseUrl: string;
  readonly postgresPid: number;
  readonly console: { readonly pid: number; readonly url: string; readonly token: string };
  /** Each in an account of its own; all read the same console. */
  readonly connections: number;
  /** Collected before the window, and not measured. */
  readonly warmUp: Window;
  readonly window: Window;
}

export interface Collected extends CollectorResult {
  /** Stored and discarded: what the database knows of the window afterwards, of all connections. */
  readonly rows: number;
}

export interface History {
  collect(options?: { readonly profile: boolean }): Promise<Collected>;
  /**
   * Reads a window again that was collected, every activity of it known; measured is the second time. The first time
   * after rows were copied PostgreSQL also marks them as committed and logs the pages, which a poll's rows have long
   * behind them.
   */
  readAgain(): Promise<Collected>;
}

const COLLECTOR = fileURLToPath(new URL('./collector.ts', import.meta.url));

export async function openHistory(options: HistoryOptions): Promise<History> {
  const { databaseUrl, postgresPid, console, warmUp, window } = options;
  const encryptionKeys = `bench:${randomBytes(32).toString('base64url')}`;
  const partsOptions = { databaseUrl, simulatorUrl: console.url, encryptionKeys };
  const parts = openParts(partsOptions);
  const connections = [];
  try {
    for (let n = 0; n < options.connections; n++) connections.push(await connect(parts, console, warmUp));
  } finally {
    await parts.close();
  }
  const job = { ...partsOptions, connections, warmUp, window, postgresPid, consolePid: console.pid };
  const run = async (work: CollectorJob): Promise<Collected> => {
    await onDatabase(databaseUrl, 'checkpoint');
    const result = await runCollector(work);
    return { ...result, rows: await countRows(databaseUrl, window) };
  };
  return {
    collect: ({ profile } = { profile: false }) => run({ ...job, profile }),
    readAgain: () => run({ ...job, warmUp: window, profile: false }),
  };
}

async function runCollector(job: CollectorJob): Promise<CollectorResult> {
  const lines: string[] = [];
  const part = await startPart({
    name: 'collector',
    command: process.execPath,
    args: [...WORKER_NODE_OPTIONS, '--import', 'tsx', COLLECTOR, JSON.stringify(job)],
    env: process.env,
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    output: { onLine: (line) => lines.push(line) },
  });
  const { code } = await part.exited;
  const last = lines.at(-1);
  if (code !== 0 || last === undefined) throw new Error(`the collecting process failed:\n${lines.join('\n')}`);
  return JSON.parse(last) as CollectorResult;
}

async function countRows(databaseUrl: string, { fromMicros, toMicros }: Window): Promise<number> {
  const within = `occurred_at >= '${toInstant(fromMicros)}' and occurred_at < '${toInstant(toMicros)}'`;
  const [row] = await onDatabase(
    databaseUrl,
    `select ((select count(*) from events where ${within}) + (select count(*) from discards where ${within}))::int as rows`,
  );
  return Number(row?.['rows']);
}

export async function onDatabase(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
