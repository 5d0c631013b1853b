// The audit log: every service that changes something records it in the transaction of the change, so there is neither
// a change without its entry nor an entry without its change.
import type { AuditEntry } from '../../domain/audit.js';
import type { Database } from '../../store/database.js';
import {
  type AuditFilter,
  type AuditRow,
  insertAuditRows,
  listAuditRows,
} from '../../store/people/audit.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import type { Author, RequestFacts, Scope } from '../http/request-facts.js';
import type { AuditEntryView } from './audit.dto.js';

export interface Authorship {
  readonly principal: Author;
  readonly facts: RequestFacts;
}

/** Adds entries in the caller's transaction. Values are named fields that the caller chose; never a secret. */
export async function record(
  tenant: Tenant,
  { principal, facts }: Authorship,
  ...entries: readonly AuditEntry[]
): Promise<void> {
  const rows = entries.map(({ action, subject, before, after, commandId = null }) => ({
    actorKind: principal.kind,
    actorId: principal.id,
    actorLabel: principal.label,
    action,
    subjectType: subject.type,
    subjectId: subject.id,
    ...facts,
    before: before === undefined ? null : JSON.stringify(before),
    after: after === undefined ? null : JSON.stringify(after),
    commandId,
  }));
  await insertAuditRows(tenant, rows);
}

export type AuditService = ReturnType<typeof createAuditService>;

export function createAuditService({ database }: { readonly database: Database }) {
  return {
    /** Newest first. */
    async list({ accountId, organizationIds }: Scope, { pageToken, limit, ...filter }: AuditFilter & PageQuery) {
      const key = decodePageToken(pageToken, ['instant', 'integer']);
      const place = key === null ? null : { at: key[0] ?? '', id: key[1] ?? '' };
      const rows = await withTenant(database, accountId, organizationIds, (tenant) =>
        listAuditRows(tenant, { filter, place, limit: limit + 1 }),
      );
      return pageOf(rows.map(view), limit, ({ at, id }) => [at, id]);
    },
  };
}

const view = (row: AuditRow): AuditEntryView => ({
  id: String(row.id),
  at: row.at,
  actor: { kind: row.actorKind, id: row.actorId, label: row.actorLabel },
  action: row.action,
  subject: { type: row.subjectType, id: row.subjectId },
  ip: row.ip,
  userAgent: row.userAgent,
  requestId: row.requestId,
  before: row.before,
  after: row.after,
});
