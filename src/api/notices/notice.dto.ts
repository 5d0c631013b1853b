import { z } from 'zod';
import { listOf, pageQuery } from '../http/list.dto.js';
import { id, instantOut } from '../http/schemas.js';

const state = z.enum(['open', 'resolved']);

export const noticeQuery = pageQuery.extend({
  state: state.optional(),
  connectionId: id.optional(),
});

export const notice = z
  .object({
    id,
    kind: z.string().describe('Stable: token_expiring, token_expired, token_rejected, permission_missing, …'),
    title: z.string(),
    whatToDo: z.string(),
    helpUrl: z.string(),
    severity: z.enum(['low', 'high', 'critical']),
    state,
    connectionId: id.nullable(),
    subject: z.object({ type: z.string(), id: z.string() }),
    details: z.record(z.string(), z.unknown()),
    openedAt: instantOut,
    updatedAt: instantOut,
    resolvedAt: instantOut.nullable(),
  })
  .meta({ id: 'Notice' });
export const noticeList = listOf(notice).meta({ id: 'NoticeList' });
export type NoticeView = z.output<typeof notice>;
