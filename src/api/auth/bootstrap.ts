// The first account, its first admin and its first API key, which nobody could make over HTTP. Makes what is missing
// and changes nothing that is there, so it may run at every start, and at several at once. What it made it remembers:
// accounts are renamed and admins removed by their own people, and neither may bring the operator's secrets to where
// they are not meant.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Secret } from '../../domain/secret.js';
import type { Database } from '../../store/database.js';
import { findApiKey, insertApiKey } from '../../store/people/api-key.repository.js';
import {
  findBootstrappedAccount,
  insertBootstrappedAccount,
  noteBootstrappedAdmin,
} from '../../store/people/bootstrap.repository.js';
import { insertMember } from '../../store/people/member.repository.js';
import { findMembership, findSignInUser, insertSignInUser } from '../../store/people/sign-in-user.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import { operator } from '../http/request-facts.js';
import { hashPassword, hashSecret } from './secrets.js';

export interface Bootstrap {
  readonly account: string;
  readonly admin?: { readonly email: string; readonly password: Secret } | undefined;
  readonly apiKey?: { readonly key: string; readonly secret: Secret } | undefined;
  /** For the audit log; `bootstrap` unless somebody asked for it by name. */
  readonly author?: string;
}

/**
 * `elsewhere`: it belongs to another account and was left there. `removed`: it was made at an earlier start and
 * somebody has removed it since. `null`: not asked for.
 */
export type Made = 'made' | 'kept' | 'elsewhere' | 'removed' | null;

export interface BootstrapReport {
  readonly accountId: string;
  readonly admin: Made;
  readonly apiKey: Made;
}

// Any number that nothing else locks in this database.
const LOCK = 7_316_403;
const AUTHOR = 'bootstrap';

/** `database` is the owner's: an account is nothing that the api's role may make. */
export async function bootstrap(database: Database, wanted: Bootstrap): Promise<BootstrapReport> {
  return equipAccount(database, await findOrMakeAccount(database, wanted.account), wanted);
}

/** The admin and the key of an account that is there. */
export function equipAccount(
  database: Database,
  accountId: string,
  wanted: Pick<Bootstrap, 'admin' | 'apiKey' | 'author'>,
): Promise<BootstrapReport> {
  const { author = AUTHOR } = wanted;
  return withTenant(database, accountId, 'all', async (tenant) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tenant.db);
    const admin = wanted.admin === undefined ? null : await makeAdmin(tenant, wanted.admin, author);
    const apiKey = wanted.apiKey === undefined ? null : await makeApiKey(tenant, wanted.apiKey, author);
    return { accountId, admin, apiKey };
  });
}

const findOrMakeAccount = ({ kysely }: Database, name: string): Promise<string> =>
  kysely.transaction().execute(async (db) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(db);
    const known = await findBootstrappedAccount(db, name);
    if (known !== undefined) return known;
    const id = randomUUID();
    await insertBootstrappedAccount(db, { id, name });
    return id;
  });

async function makeAdmin(
  tenant: Tenant,
  { email, password }: NonNullable<Bootstrap['admin']>,
  author: string,
): Promise<Made> {
  const { db, accountId } = tenant;
  const known = await findSignInUser(db, email);
  const membership = known === undefined ? undefined : await findMembership(db, known.id);
  if (membership !== undefined && membership.accountId !== accountId) return 'elsewhere';
  const isFirst = await noteBootstrappedAdmin(tenant, email);
  if (membership !== undefined) return 'kept';
  if (!isFirst) return 'removed';
  const name = email.split('@')[0] ?? email;
  // The operator answers for the address, as for the OpenID provider that may speak of it.
  const user = { name, email, emailVerified: true };
  const id =
    known?.id ?? (await insertSignInUser(db, { ...user, passwordHash: await hashPassword(password.reveal()) }));
  if (id === undefined) throw new Error('the user was made by somebody else in this very moment; try again');
  await insertMember(tenant, id, { role: 'admin', organizationIds: [] });
  const subject = { type: 'user', id };
  await record(tenant, operator(accountId, author), {
    action: 'user.created',
    subject,
    after: { email, role: 'admin' },
  });
  return 'made';
}

async function makeApiKey(
  tenant: Tenant,
  { key, secret }: NonNullable<Bootstrap['apiKey']>,
  author: string,
): Promise<Made> {
  const { db, accountId } = tenant;
  const known = await findApiKey(db, key);
  if (known !== undefined) return known.accountId === accountId ? 'kept' : 'elsewhere';
  const id = randomUUID();
  const apiKey = { key, name: AUTHOR, role: 'admin', organizationIds: [] } as const;
  const secretSha256 = hashSecret(secret.reveal());
  await insertApiKey(tenant, { id, ...apiKey, secretSha256, createdBy: author, expiresAt: null });
  const subject = { type: 'api_key', id };
  await record(tenant, operator(accountId, author), { action: 'api_key.created', subject, after: apiKey });
  return 'made';
}
