// What was begun and never accepted: connections that were refused or that nobody validated, and tokens that were sent
// and never taken. They belong to every account, so this takes the owner's database. Each goes in a transaction of its
// own, under its connection's row lock: a swap that takes a token over at this moment comes first or finds it gone.
import { sql } from 'kysely';
import { GONE } from '../../domain/connection/connection-state.js';
import type { Database } from '../database.js';

const AFTER = sql`interval '24 hours'`;
/** The next run goes on where this one ends. */
const AT_ONCE = 1_000;

export interface Sweep {
  /** Called before each; throws to stop. */
  readonly onEach?: () => void;
}

interface ConnectionKey {
  readonly accountId: string;
  readonly id: string;
}

/**
 * All that a connection which was never accepted can have; one that was accepted while its workflow had given it up has
 * sites and its first mapping. A connection with anything else has collected, and its foreign keys refuse to let it go.
 */
const OWN_TABLES = [
  'commands',
  'connection_timeline',
  'credentials',
  'notices',
  'mapping_history',
  'site_absences',
  'sites',
  'chore_health',
] as const;

/** `validating` with an account on record has been accepted, and its workflow is about to say so. */
const IS_ABANDONED = sql<boolean>`
  (state = 'refused' and coalesce(ended_at, created_at) < now() - ${AFTER}
   or state = 'validating' and s1_account_id is null and created_at < now() - ${AFTER})`;

/** Returns how many connections were deleted. Throws the first error after having tried all the others. */
export async function deleteAbandonedConnections(database: Database, sweep: Sweep = {}): Promise<number> {
  const found = await database.kysely
    .selectFrom('connections')
    .select(['accountId', 'id'])
    .where(IS_ABANDONED)
    .orderBy('createdAt')
    .limit(AT_ONCE)
    .execute();
  return countEach(found, sweep, (connection) => deleteConnection(database, connection));
}

async function deleteConnection({ kysely }: Database, { accountId, id }: ConnectionKey): Promise<boolean> {
  return kysely.transaction().execute(async (db) => {
    const isOurs = await db
      .selectFrom('connections')
      .select('id')
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .where(IS_ABANDONED)
      .forUpdate()
      .executeTakeFirst();
    if (isOurs === undefined) return false;
    for (const table of OWN_TABLES) {
      await sql`delete from ${sql.table(table)} where account_id = ${accountId} and connection_id = ${id}`.execute(db);
    }
    await db.deleteFrom('connections').where('accountId', '=', accountId).where('id', '=', id).execute();
    return true;
  });
}

interface CredentialKey extends ConnectionKey {
  readonly connectionId: string;
}

/**
 * Destroys tokens that nobody uses or may use any more: their hour to be accepted is over, another one has taken their
 * place, or their connection has ended. Returns how many.
 */
export async function destroyUnusedTokens({ kysely }: Database, sweep: Sweep = {}): Promise<number> {
  const isUnused = sql<boolean>`
    (pending_until < now() or connections.state in (${sql.join(GONE)})
     or pending_until is null and connections.credential_id is distinct from credentials.id)`;
  const found = await credentials(kysely).where('destroyedAt', 'is', null).where(isUnused).limit(AT_ONCE).execute();
  return countEach(found, sweep, async (credential) =>
    kysely.transaction().execute(async (db) => {
      await lockConnection(db, credential);
      const { numUpdatedRows } = await db
        .updateTable('credentials')
        .from('connections')
        .set({ tokenJwe: null, destroyedAt: sql`now()` })
        .whereRef('connections.accountId', '=', 'credentials.accountId')
        .whereRef('connections.id', '=', 'credentials.connectionId')
        .where('credentials.accountId', '=', credential.accountId)
        .where('credentials.id', '=', credential.id)
        .where('destroyedAt', 'is', null)
        .where(isUnused)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    }),
  );
}

/**
 * Deletes credentials that still waited a day after they were sent. A connection's first one goes with the connection.
 */
export async function deletePendingCredentials({ kysely }: Database, sweep: Sweep = {}): Promise<number> {
  const isForgotten = sql<boolean>`
    (pending_until is not null and credentials.created_at < now() - ${AFTER}
     and connections.credential_id is distinct from credentials.id)`;
  const found = await credentials(kysely).where(isForgotten).limit(AT_ONCE).execute();
  return countEach(found, sweep, async (credential) =>
    kysely.transaction().execute(async (db) => {
      await lockConnection(db, credential);
      const { numDeletedRows } = await db
        .deleteFrom('credentials')
        .using('connections')
        .whereRef('connections.accountId', '=', 'credentials.accountId')
        .whereRef('connections.id', '=', 'credentials.connectionId')
        .where('credentials.accountId', '=', credential.accountId)
        .where('credentials.id', '=', credential.id)
        .where(isForgotten)
        .executeTakeFirstOrThrow();
      return numDeletedRows === 1n;
    }),
  );
}

const credentials = (db: Database['kysely']) =>
  db
    .selectFrom('credentials')
    .innerJoin('connections', (join) =>
      join
        .onRef('connections.accountId', '=', 'credentials.accountId')
        .onRef('connections.id', '=', 'credentials.connectionId'),
    )
    .select(['credentials.accountId', 'credentials.id', 'credentials.connectionId'])
    .orderBy('credentials.createdAt');

async function lockConnection(db: Database['kysely'], { accountId, connectionId }: CredentialKey): Promise<void> {
  await db
    .selectFrom('connections')
    .select('id')
    .where('accountId', '=', accountId)
    .where('id', '=', connectionId)
    .forUpdate()
    .execute();
}

/** One that fails keeps no other from being done. */
async function countEach<T>(
  items: readonly T[],
  { onEach }: Sweep,
  work: (item: T) => Promise<boolean>,
): Promise<number> {
  const errors: unknown[] = [];
  let count = 0;
  for (const item of items) {
    onEach?.();
    try {
      if (await work(item)) count += 1;
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
  return count;
}
