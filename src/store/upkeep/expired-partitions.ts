// Retention of events and discards: drops whole partitions, each once all of its range is older than what is kept. The
// clock is the database's alone. `DETACH … CONCURRENTLY` waits for whoever reads or writes the table and keeps nobody
// waiting; the plain form asks for the whole table, and behind its request every page would wait as long as the longest
// query runs. A detach that is interrupted stays half done (PostgreSQL then shows its rows to nobody), so what is being
// dropped carries a mark, by which the next run finds and finishes it. A table that a person detached to keep it
// carries none.
import type pg from 'pg';
import type { Database } from '../database.js';

export type PartitionedTable = 'events' | 'discards';

export interface ExpiredPartitions {
  readonly table: PartitionedTable;
  readonly days: number;
  /** By default the database's now. */
  readonly at?: string;
  /** For each lock and each transaction that is waited for; the next run goes on where this one gave up. */
  readonly lockTimeoutMs?: number;
  /** Called before each partition; throws to stop. */
  readonly onPartition?: () => void;
}

/** An attach of a new month waits no longer than this behind a detach that waits itself. */
const LOCK_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 60_000;
/** Any constant of our own: one run at a time in the whole database. */
const RETENTION_LOCK = 7_311_002;

/** Exported for the test that takes a run's place. */
export const markOf = (table: PartitionedTable): string => `retention of ${table}: this month is being dropped`;

/**
 * Returns how many were dropped. Throws what PostgreSQL throws, a lock time-out above all; what was dropped stays so.
 */
export async function dropExpiredPartitions(database: Database, expired: ExpiredPartitions): Promise<number> {
  const client = await database.pool.connect();
  try {
    await client.query(`set lock_timeout = ${expired.lockTimeoutMs ?? LOCK_TIMEOUT_MS}`);
    await client.query(`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
    await client.query('select pg_advisory_lock($1)', [RETENTION_LOCK]);
    return await dropAll(client, expired);
  } finally {
    client.release(true); // ends the session, and with it its lock and its time-outs
  }
}

async function dropAll(client: pg.PoolClient, expired: ExpiredPartitions): Promise<number> {
  const { table, onPartition } = expired;
  let dropped = 0;
  for (const { partition, state } of await expiredPartitions(client, expired)) {
    onPartition?.();
    if (state === 'attached') await detach(client, table, partition);
    if (state === 'half detached') await client.query(`alter table ${table} detach partition ${partition} finalize`);
    await client.query(`drop table ${partition}`);
    dropped += 1;
  }
  return dropped;
}

interface ExpiredPartition {
  /** Quoted by PostgreSQL where it has to be. */
  readonly partition: string;
  readonly state: 'attached' | 'half detached' | 'detached';
}

/** Begun ones first: PostgreSQL detaches one partition of a table at a time. A range without an end never expires. */
const EXPIRED = `
  select part.oid::regclass::text as partition,
         case when inh.inhparent is null then 'detached'
              when inh.inhdetachpending then 'half detached' else 'attached' end as state
    from pg_class part
    left join pg_inherits inh on inh.inhrelid = part.oid
   where part.relkind = 'r'
     and ((inh.inhparent is null or inh.inhdetachpending) and obj_description(part.oid, 'pg_class') = $2
          or inh.inhparent = $1::regclass and not inh.inhdetachpending
             and substring(pg_get_expr(part.relpartbound, part.oid) from 'TO \\(''([^'']+)''\\)')::timestamptz
                 <= coalesce($4::timestamptz, now()) - make_interval(days => $3))
   order by inh.inhparent is not null and not inh.inhdetachpending, part.relname`;

async function expiredPartitions(client: pg.PoolClient, { table, days, at }: ExpiredPartitions) {
  const { rows } = await client.query<ExpiredPartition>(EXPIRED, [table, markOf(table), days, at ?? null]);
  return rows;
}

/** Not in a transaction: PostgreSQL commits halfway, so that new queries leave the partition out while old ones end. */
async function detach(client: pg.PoolClient, table: PartitionedTable, partition: string): Promise<void> {
  await client.query(`comment on table ${partition} is '${markOf(table)}'`);
  await client.query(`alter table ${table} detach partition ${partition} concurrently`);
}
