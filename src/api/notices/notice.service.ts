// Notices as people read them. They are about connections, which are the account's: somebody who sees only some
// organizations sees none, by row-level security.
import { noticeWords } from '../../domain/notices/notice-words.js';
import { listNotices, type NoticeRow } from '../../store/connections/notice.repository.js';
import type { Database } from '../../store/database.js';
import { withTenant } from '../../store/tenant.js';
import { helpUrl } from '../help/help-url.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import type { Scope } from '../http/request-facts.js';
import type { NoticeView } from './notice.dto.js';

export type NoticeService = ReturnType<typeof createNoticeService>;

type Query = PageQuery & {
  readonly state?: 'open' | 'resolved' | undefined;
  readonly connectionId?: string | undefined;
};

export function createNoticeService({ database }: { readonly database: Database }) {
  return {
    /** Newest first. */
    list: (scope: Scope, { pageToken, limit, state, connectionId }: Query) =>
      withTenant(database, scope.accountId, scope.organizationIds, async (tenant) => {
        const key = decodePageToken(pageToken, ['instant', 'uuid']);
        const after = key === null ? null : ([key[0] ?? '', key[1] ?? ''] as const);
        const rows = await listNotices(tenant, { state, connectionId, after, limit: limit + 1 });
        return pageOf(rows.map(view), limit, ({ openedAt, id }) => [openedAt, id]);
      }),
  };
}

function view(row: NoticeRow): NoticeView {
  const { title, whatToDo, helpAnchor } = noticeWords(row.kind, row.details);
  return {
    id: row.id,
    kind: row.kind,
    title,
    whatToDo,
    helpUrl: helpUrl(helpAnchor),
    severity: row.severity,
    state: row.state,
    connectionId: row.connectionId,
    subject: { type: row.subjectType, id: row.subjectId },
    details: row.details,
    openedAt: row.openedAt,
    updatedAt: row.updatedAt,
    resolvedAt: row.resolvedAt,
  };
}
