// Our pool as Better Auth needs it. The library compares instants as `Date`s, and a text in their place would make
// every expired session look alive; so its queries read types as pg does, while ours read instants as text.
import { Kysely } from 'kysely';
import pg from 'pg';
import { type Database, postgresDialect } from '../../store/database.js';

export function signInDatabase({ pool }: Pick<Database, 'pool'>): Kysely<unknown> {
  const connect = async () => {
    const client = await pool.connect();
    return {
      query: (text: string, values: readonly unknown[]) => client.query({ text, values: [...values], types: pg.types }),
      release: () => client.release(),
    };
  };
  // Closing it is the pool's owner's.
  return new Kysely({ dialect: postgresDialect({ connect, end: () => Promise.resolve() } as never) });
}
