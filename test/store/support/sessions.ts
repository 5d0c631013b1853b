// What tests of locks need: to hold something in a session of its own, and to know that somebody waits for it.
import pg from 'pg';
import { expect } from 'vitest';
import type { Database } from '../../../src/store/database.js';
import type { ConnectionRef } from '../../support/builders.js';

/** A session of its own as who the URL names, whom row-level security does not bind. */
export async function superuser<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface Held {
  release(): Promise<void>;
  query(statement: string, values?: unknown[]): Promise<unknown>;
  /** Changes something first, and commits. */
  commit(statement: string, values: unknown[]): Promise<void>;
}

/** Holds what `statement` locks until released. */
export async function hold(url: string, statement: string, values: unknown[] = []): Promise<Held> {
  const client = new pg.Client({ connectionString: url, application_name: 'holder' });
  await client.connect();
  await client.query('begin');
  await client.query(statement, values);
  return {
    release: () => client.end(),
    query: (more, moreValues = []) => client.query(more, moreValues),
    async commit(change, changeValues) {
      await client.query(change, changeValues);
      await client.query('commit');
      await client.end();
    },
  };
}

/** Every page of this connection waits at its last step, with all its rows written and nothing committed. */
export const holdPagesAtTheirEnd = (
  url: string,
  { accountId, connectionId }: Pick<ConnectionRef, 'accountId' | 'connectionId'>,
): Promise<Held> =>
  hold(url, 'select 1 from connections where account_id = $1 and id = $2 for no key update', [accountId, connectionId]);

/** Resolves once `count` sessions of the product wait for a lock, with their process ids. */
export async function untilWaiting(database: Database, count = 1, timeoutMs = 10_000): Promise<number[]> {
  await expect.poll(() => waiting(database), { timeout: timeoutMs, interval: 10 }).toHaveLength(count);
  return waiting(database);
}

async function waiting(database: Database): Promise<number[]> {
  const { rows } = await database.pool.query<{ pid: number }>(`
    select pid from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and application_name <> 'holder'`);
  return rows.map((row) => row.pid);
}
