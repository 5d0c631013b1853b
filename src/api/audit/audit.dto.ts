import { z } from 'zod';
import { listOf, pageQuery } from '../http/list.dto.js';
import { instantIn, instantOut } from '../http/schemas.js';

const name = z.string().min(1).max(200);

export const auditQuery = pageQuery.extend({
  action: name.optional(),
  subjectType: name.optional(),
  subjectId: name.optional(),
  actorId: name.optional(),
  from: instantIn.optional().describe('Inclusive'),
  to: instantIn.optional().describe('Exclusive'),
});

const values = z.record(z.string(), z.unknown()).nullable();

export const auditEntry = z
  .object({
    id: z.string(),
    at: instantOut,
    actor: z.object({
      kind: z.enum(['user', 'api_key', 'operator', 'system']),
      id: z.string().nullable(),
      label: z.string(),
    }),
    action: z.string(),
    subject: z.object({ type: z.string(), id: z.string() }),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    requestId: z.string().nullable(),
    before: values.describe('null: it was made'),
    after: values.describe('null: it was removed'),
  })
  .meta({ id: 'AuditEntry' });
export const auditLog = listOf(auditEntry).meta({ id: 'AuditLog' });

export type AuditEntryView = z.output<typeof auditEntry>;
