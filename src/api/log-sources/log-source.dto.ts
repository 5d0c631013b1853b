import { z } from 'zod';
import { listOf, pageQuery } from '../http/list.dto.js';
import { id, instantOut } from '../http/schemas.js';

export const logSourceQuery = pageQuery.extend({ organizationId: id.optional() });

const count = z.int().min(0);

export const logSource = z
  .object({
    siteId: z.string(),
    siteName: z.string().nullable(),
    siteState: z.string(),
    collectionMethod: z.literal('API'),
    eventProvider: z.literal('Syslog-SentinelOne').describe('`event.provider` of its events'),
    organization: z.object({ id, name: z.string() }),
    connection: z
      .object({ id, name: z.string() })
      .nullable()
      .describe('null for org_user: configuration is the account’s'),
    state: z.enum(['awaiting_mapping', 'active', 'paused', 'disconnecting']).describe('Of its connection'),
    licenseCount: count.nullable().describe('What is billed by; null when SentinelOne did not say'),
    eventCount: count,
    lastEventAt: instantOut.nullable(),
  })
  .meta({ id: 'LogSource' });
export const logSourceList = listOf(logSource).meta({ id: 'LogSourceList' });
export type LogSourceView = z.output<typeof logSource>;
