// A new account with its first admin and its first API key, as an operator asks for it. Both secrets are made here and
// told once: nobody can look them up afterwards.
import { randomBytes } from 'node:crypto';
import { Problem } from '../../domain/failures/problem.js';
import { Secret } from '../../domain/secret.js';
import type { Database } from '../../store/database.js';
import { findSignInUser } from '../../store/people/sign-in-user.repository.js';
import { withTenant } from '../../store/tenant.js';
import { makeKey } from '../api-keys/api-key.service.js';
import { record } from '../audit/audit.service.js';
import { equipAccount } from '../auth/bootstrap.js';
import { makeSecret } from '../auth/secrets.js';
import { operator } from '../http/request-facts.js';
import { createAccountService } from './account.service.js';

export interface OpenAccount {
  readonly name: string;
  readonly timeZone?: string;
  readonly adminEmail?: string;
  /** For the audit log. */
  readonly author: string;
}

export interface OpenedAccount {
  readonly id: string;
  readonly name: string;
  /** The secret is shown once. */
  readonly apiKey: { readonly key: string; readonly secret: string };
  /** null: not asked for, or made by somebody else in that very moment. The password is shown once. */
  readonly admin: { readonly email: string; readonly password: string } | null;
}

// As base64url 16 characters, which is more than sign-in asks for.
const PASSWORD_BYTES = 12;

/** `database` is the owner's. Throws `name_taken` and `email_taken` before anything was made. */
export async function openAccount(database: Database, wanted: OpenAccount): Promise<OpenedAccount> {
  const { name, timeZone, adminEmail, author } = wanted;
  const accounts = createAccountService({ database });
  const sameName = await accounts.findByName(name);
  if (sameName !== undefined) throw new Problem('name_taken', `there is an account ${name} already, ${sameName.id}`);
  if (adminEmail !== undefined && (await findSignInUser(database.kysely, adminEmail)) !== undefined) {
    throw new Problem('email_taken', `${adminEmail} signs in to another account; name another address`);
  }
  const { id } = await accounts.create({ name, ...(timeZone === undefined ? {} : { timeZone }) });
  await withTenant(database, id, 'all', (tenant) =>
    record(tenant, operator(id, author), {
      action: 'account.created',
      subject: { type: 'account', id },
      after: { name, timeZone: timeZone ?? 'UTC' },
    }),
  );
  const apiKey = { key: makeKey(), secret: makeSecret() };
  const admin =
    adminEmail === undefined
      ? null
      : { email: adminEmail, password: randomBytes(PASSWORD_BYTES).toString('base64url') };
  const equipped = await equipAccount(database, id, {
    author,
    apiKey: { key: apiKey.key, secret: new Secret(apiKey.secret) },
    ...(admin === null ? {} : { admin: { email: admin.email, password: new Secret(admin.password) } }),
  });
  return { id, name, apiKey, admin: equipped.admin === 'made' ? admin : null };
}
