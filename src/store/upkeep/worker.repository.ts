// Worker processes and their signs of life, of no account: the api learns only whether there is one.
import { sql } from 'kysely';
import type { Database } from '../database.js';

/** By the database's clock, so that clocks of workers do not matter. */
export async function recordSignOfLife({ kysely }: Database, identity: string): Promise<void> {
  await kysely
    .insertInto('workers')
    .values({ identity })
    .onConflict((conflict) => conflict.column('identity').doUpdateSet({ seenAt: sql`excluded.seen_at` }))
    .execute();
}

/** Of a worker that stops in order: nobody has to wait a minute to know that it is gone. */
export async function removeSignOfLife({ kysely }: Database, identity: string): Promise<void> {
  await kysely.deleteFrom('workers').where('identity', '=', identity).execute();
}
