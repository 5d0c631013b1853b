// One of everything that a request can name, in an account that has two organizations: what the walk over all routes
// asks for and what a reply to somebody else must not hold.
import { randomUUID } from 'node:crypto';
import { record } from '../../../src/api/audit/audit.service.js';
import { hashSecret } from '../../../src/api/auth/secrets.js';
import { operator } from '../../../src/api/http/request-facts.js';
import type { Database } from '../../../src/store/database.js';
import { aConnection, aSite, asTenant } from '../../support/builders.js';
import type { Account } from './api-stage.js';

/** Who a thing belongs to, seen from the caller. */
export type Relation = 'own' | 'other organization' | 'foreign account';

export interface Target {
  readonly accountId: string;
  readonly organizationId: string;
  readonly connectionId: string;
  /** Mapped to the organization. */
  readonly siteId: string;
  readonly backfillId: string;
  readonly apiKeyId: string;
  readonly userId: string;
  readonly invitationId: string;
}

export interface Premises {
  readonly own: Target;
  readonly otherOrganization: Target;
  /** What nobody outside the account may see. */
  readonly accountMarks: readonly string[];
  /** What nobody may see who belongs to the first organization alone. */
  readonly beyondOrganizationMarks: readonly string[];
}

export async function furnish(owner: Database, account: Account): Promise<Premises> {
  const { accountId, organizationId, otherOrganizationId } = account;
  const connection = await aConnection(owner, { account });
  const { connectionId } = connection;
  const siteId = await aSite(owner, connection, { siteId: `own-${randomUUID()}`, organizationId });
  const otherSiteId = await aSite(owner, connection, {
    siteId: `other-${randomUUID()}`,
    organizationId: otherOrganizationId,
  });
  const things = {
    accountId,
    connectionId,
    backfillId: await aBackfill(owner, { accountId, connectionId }),
    apiKeyId: await anApiKey(owner, accountId),
    userId: await aUser(owner, accountId),
    invitationId: await anInvitation(owner, accountId),
  };
  const noticeId = await aNotice(owner, { accountId, connectionId });
  const auditMark = await anAuditEntry(owner, accountId);
  const { backfillId, apiKeyId, userId, invitationId } = things;
  const beyond = [otherOrganizationId, otherSiteId, backfillId, apiKeyId, userId, invitationId, noticeId, auditMark];
  return {
    own: { ...things, organizationId, siteId },
    otherOrganization: { ...things, organizationId: otherOrganizationId, siteId: otherSiteId },
    accountMarks: [accountId, organizationId, connectionId, siteId, ...beyond],
    beyondOrganizationMarks: beyond,
  };
}

async function aBackfill(
  owner: Database,
  { accountId, connectionId }: { readonly accountId: string; readonly connectionId: string },
): Promise<string> {
  const id = randomUUID();
  const window = { fromAt: '2026-01-01T00:00:00Z', toAt: '2026-01-02T00:00:00Z' };
  const row = { accountId, connectionId, id, kind: 'requested' as const, ...window };
  await owner.kysely.insertInto('backfills').values(row).execute();
  return id;
}

export async function anApiKey(owner: Database, accountId: string): Promise<string> {
  const id = randomUUID();
  const row = { accountId, id, key: id, name: 'A key', role: 'read_only' as const, createdBy: 'test' };
  await owner.kysely
    .insertInto('apiKeys')
    .values({ ...row, secretSha256: hashSecret(id) })
    .execute();
  return id;
}

export async function aUser(owner: Database, accountId: string): Promise<string> {
  const id = randomUUID();
  await owner.pool.query('insert into auth_users (id, name, email) values ($1, $2, $3)', [
    id,
    'Ann',
    `${id}@example.com`,
  ]);
  await owner.kysely.insertInto('memberships').values({ accountId, userId: id, role: 'read_only' }).execute();
  return id;
}

export async function anInvitation(owner: Database, accountId: string): Promise<string> {
  const id = randomUUID();
  const row = { accountId, id, email: `${id}@example.com`, role: 'read_only' as const, createdBy: 'test' };
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  await owner.kysely
    .insertInto('invitations')
    .values({ ...row, tokenSha256: hashSecret(id), expiresAt })
    .execute();
  return id;
}

async function aNotice(
  owner: Database,
  { accountId, connectionId }: { readonly accountId: string; readonly connectionId: string },
): Promise<string> {
  const id = randomUUID();
  await owner.pool.query(
    `insert into notices (account_id, id, connection_id, kind, subject_type, subject_id, severity)
     values ($1, $2, $3::uuid, 'degraded', 'connection', $3::uuid::text, 'high')`,
    [accountId, id, connectionId],
  );
  return id;
}

async function anAuditEntry(owner: Database, accountId: string): Promise<string> {
  const id = randomUUID();
  const entry = { action: 'test.happened', subject: { type: 'test', id } };
  await asTenant(owner, accountId, (tenant) => record(tenant, operator(accountId, 'test'), entry));
  return id;
}
