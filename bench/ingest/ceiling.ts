// The ceiling: the very rows that were collected, copied page by page into a table like `events`, with the same
// partitions and indexes, each page a transaction of its own. No console, no look-up, no routing, no counters, no
// checkpoint, no tenant.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { PAGE_LIMIT } from '../../src/sentinelone/calls/activity-query.js';
import { COPY_HEADER, COPY_TRAILER } from '../../src/store/copy/copy-binary.js';
import { difference, serverCpuSeconds } from '../harness/cpu-time.js';

/** Text is COPY's default, and what one would write by hand; binary is what the product sends. */
export type CopyFormat = 'text' | 'binary';

export interface CopyPage {
  readonly body: Buffer;
  readonly rows: number;
}

/** The rows of `events` as bodies for COPY, a page of rows each, in order of time. */
export async function pagesOfEvents(databaseUrl: string, format: CopyFormat): Promise<CopyPage[]> {
  return withClients(databaseUrl, 1, async ([client]) => {
    const everything = `copy (select * from events order by occurred_at) to stdout (format ${format})`;
    const bytes = await buffer(client!.query(copyTo(everything)));
    return format === 'text' ? cut(bytes, 0, endOfLine) : cut(bytes, COPY_HEADER.length, endOfTuple).map(asBody);
  });
}

const NEWLINE = 0x0a;

const asBody = ({ body, rows }: CopyPage): CopyPage => ({
  body: Buffer.concat([COPY_HEADER, body, COPY_TRAILER]),
  rows,
});

/** `endOf` gives the place just past the row that begins at `at`, or null where none does. */
function cut(bytes: Buffer, start: number, endOf: (bytes: Buffer, at: number) => number | null): CopyPage[] {
  const pages: CopyPage[] = [];
  let [from, to, rows] = [start, start, 0];
  const turn = () => {
    if (rows > 0) pages.push({ body: bytes.subarray(from, to), rows });
    [from, rows] = [to, 0];
  };
  for (let end = endOf(bytes, to); end !== null; end = endOf(bytes, to)) {
    [to, rows] = [end, rows + 1];
    if (rows === PAGE_LIMIT) turn();
  }
  turn();
  return pages;
}

function endOfLine(bytes: Buffer, at: number): number | null {
  const newline = bytes.indexOf(NEWLINE, at);
  return newline === -1 ? null : newline + 1;
}

function endOfTuple(bytes: Buffer, from: number): number | null {
  const fields = bytes.readInt16BE(from);
  if (fields === -1) return null;
  let at = from + 2;
  for (let n = 0; n < fields; n++) at += 4 + Math.max(bytes.readInt32BE(at), 0);
  return at;
}

export interface CopyCost {
  readonly seconds: number;
  readonly postgresCpuSeconds: number | null;
}

/** What copying alone takes, over so many connections side by side; making the table is no part of it. */
export async function copyCeiling(
  server: { readonly databaseUrl: string; readonly postgresPid: number },
  { pages, format }: { readonly pages: readonly CopyPage[]; readonly format: CopyFormat },
  connections: number,
): Promise<CopyCost> {
  const run = async (clients: readonly pg.Client[]) => {
    await makeTable(clients[0]!);
    const share = Math.ceil(pages.length / connections);
    const cpuBefore = serverCpuSeconds(server.postgresPid);
    const startedAtMs = performance.now();
    await Promise.all(clients.map((client, n) => copyPages(client, pages.slice(n * share, (n + 1) * share), format)));
    const seconds = (performance.now() - startedAtMs) / 1000;
    return { seconds, postgresCpuSeconds: difference(serverCpuSeconds(server.postgresPid), cpuBefore) };
  };
  return withClients(server.databaseUrl, connections, run);
}

async function copyPages(client: pg.Client, pages: readonly CopyPage[], format: CopyFormat): Promise<void> {
  for (const { body } of pages)
    await pipeline(Readable.from([body]), client.query(copyFrom(`copy ceiling from stdin (format ${format})`)));
}

async function makeTable(client: pg.Client): Promise<void> {
  await client.query('drop table if exists ceiling');
  await client.query('create table ceiling (like events including all) partition by range (occurred_at)');
  const { rows } = await client.query<{ name: string; bounds: string }>(
    `select relname as name, pg_get_expr(relpartbound, pg_class.oid) as bounds
       from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = 'events'::regclass`,
  );
  for (const { name, bounds } of rows)
    await client.query(`create table ceiling_${name} partition of ceiling ${bounds}`);
  await client.query('checkpoint');
}

async function withClients<T>(url: string, count: number, work: (clients: pg.Client[]) => Promise<T>): Promise<T> {
  const clients = Array.from(
    { length: count },
    () => new pg.Client({ connectionString: url, options: '-c timezone=UTC' }),
  );
  try {
    await Promise.all(clients.map((client) => client.connect()));
    return await work(clients);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}
