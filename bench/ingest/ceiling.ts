// The ceiling: the very rows that were collected, copied page by page into a table like `events`, with the same partitions and
// indexes, each page a transaction of its own. No console, no look-up, no routing, no counters, no checkpoint, no tenant.
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { difference, serverCpuSeconds } from '../harness/cpu-time.js';
import { PAGE_LIMIT } from '../../src/sentinelone/activity-query.js';

const NEWLINE = 0x0a;

export interface CopyPage {
  readonly text: Buffer;
  readonly rows: number;
}

/** The rows of `events` as COPY text, a page of rows each, in order of time. */
export async function pagesOfEvents(databaseUrl: string): Promise<CopyPage[]> {
  return withClients(databaseUrl, 1, async ([client]) => {
    const pages: CopyPage[] = [];
    const lines: Buffer[] = [];
    const turn = () => pages.push({ rows: lines.length, text: Buffer.concat(lines.splice(0)) });
    const stream = client!.query(copyTo('copy (select * from events order by occurred_at) to stdout'));
    // PostgreSQL sends each row as a message of its own, but the stream joins them.
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of stream) {
      const text = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
      let from = 0;
      for (let end = text.indexOf(NEWLINE); end !== -1; end = text.indexOf(NEWLINE, from)) {
        lines.push(text.subarray(from, end + 1));
        from = end + 1;
        if (lines.length === PAGE_LIMIT) turn();
      }
      rest = text.subarray(from);
    }
    if (lines.length > 0) turn();
    return pages;
  });
}

export interface CopyCost {
  readonly seconds: number;
  readonly postgresCpuSeconds: number | null;
}

/** What copying alone takes, over so many connections side by side; making the table is no part of it. */
export async function copyCeiling(
  server: { readonly databaseUrl: string; readonly postgresPid: number },
  pages: readonly CopyPage[],
  connections: number,
): Promise<CopyCost> {
  const run = async (clients: readonly pg.Client[]) => {
    await makeTable(clients[0]!);
    const share = Math.ceil(pages.length / connections);
    const cpuBefore = serverCpuSeconds(server.postgresPid);
    const startedAtMs = performance.now();
    await Promise.all(clients.map((client, n) => copyPages(client, pages.slice(n * share, (n + 1) * share))));
    const seconds = (performance.now() - startedAtMs) / 1000;
    return { seconds, postgresCpuSeconds: difference(serverCpuSeconds(server.postgresPid), cpuBefore) };
  };
  return withClients(server.databaseUrl, connections, run);
}

async function copyPages(client: pg.Client, pages: readonly CopyPage[]): Promise<void> {
  for (const { text } of pages)
    await pipeline(Readable.from([text]), client.query(copyFrom('copy ceiling from stdin')));
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
