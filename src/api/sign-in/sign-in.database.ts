// Our pool as Better Auth needs it. The library compares instants as `Date`s, and a text in their place would make
// every expired session look alive; so its queries read types as pg does, while ours read instants as text.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Kysely } from 'kysely';
import pg from 'pg';
import { type Database, postgresDialect } from '../../store/database.js';

/** What failed in the database while one request was handled: the library catches such errors on some of its ways. */
interface Faults {
  first?: Error;
}

const faultsOfRequest = new AsyncLocalStorage<Faults>();

export function signInDatabase({ pool }: Pick<Database, 'pool'>): Kysely<unknown> {
  const connect = async () => {
    const client = await noting(pool.connect());
    return {
      query: (text: string, values: readonly unknown[]) =>
        noting(client.query({ text, values: [...values], types: pg.types })),
      release: () => client.release(),
    };
  };
  // Closing it is the pool's owner's.
  return new Kysely({ dialect: postgresDialect({ connect, end: () => Promise.resolve() } as never) });
}

async function noting<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const faults = faultsOfRequest.getStore();
    if (faults !== undefined && error instanceof Error) faults.first ??= error;
    throw error;
  }
}

/**
 * The library's reply. One that only says that something failed is thrown as the error of the database behind it, if
 * there is one.
 */
export async function withDatabaseFaults(handle: () => Promise<Response>): Promise<Response> {
  const faults: Faults = {};
  const reply = await faultsOfRequest.run(faults, handle);
  if (reply.status >= 500 && faults.first !== undefined) throw faults.first;
  return reply;
}
