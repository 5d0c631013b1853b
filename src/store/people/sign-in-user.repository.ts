// People as sign-in knows them. These tables belong to no tenant, so whoever reads or writes here names one user, and
// whether that user is of the tenant has been asked of `memberships` before.
import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema/schema.js';

export interface NewSignInUser {
  readonly name: string;
  /** In lower case. */
  readonly email: string;
  readonly passwordHash: string;
  /**
   * Whether somebody answers for the address being this person's: only then may a sign-in elsewhere be taken for
   * theirs.
   */
  readonly emailVerified: boolean;
}

/** A user who signs in with a password; undefined when the address is taken. */
export async function insertSignInUser(db: Kysely<Schema>, user: NewSignInUser): Promise<string | undefined> {
  const id = randomUUID();
  const inserted = await db
    .insertInto('authUsers')
    .values({ id, name: user.name, email: user.email, emailVerified: user.emailVerified })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) return undefined;
  const password = {
    id: randomUUID(),
    userId: id,
    providerId: 'credential',
    accountId: id,
    password: user.passwordHash,
  };
  await db.insertInto('authAccounts').values(password).execute();
  return id;
}

export const findSignInUser = (db: Kysely<Schema>, email: string): Promise<{ readonly id: string } | undefined> =>
  db.selectFrom('authUsers').select('id').where('email', '=', email).executeTakeFirst();

export async function findSignInEmail(db: Kysely<Schema>, id: string): Promise<string | undefined> {
  const found = await db.selectFrom('authUsers').select('email').where('id', '=', id).executeTakeFirst();
  return found?.email;
}

/** With every session and every way to sign in. */
export async function deleteSignInUser(db: Kysely<Schema>, id: string): Promise<void> {
  await db.deleteFrom('authUsers').where('id', '=', id).execute();
}

export interface Membership {
  readonly accountId: string;
  readonly role: Schema['memberships']['role'];
  readonly organizationIds: readonly string[];
}

/** To which account a user belongs, asked before the tenant is known. */
export async function findMembership(db: Kysely<Schema>, userId: string): Promise<Membership | undefined> {
  const { rows } = await sql<Membership>`select * from find_membership(${userId}::uuid)`.execute(db);
  return rows[0];
}
