// The events. Partitioned by month of `occurredAt`; rows come in by COPY (`ingest/copy-page.ts`).
import type { Instant } from './column-types.js';

export interface EventsTable {
  accountId: string;
  organizationId: string;
  connectionId: string;
  s1AccountId: string;
  activityId: string;
  activityType: number | null;
  siteId: string | null;
  agentId: string | null;
  occurredAt: Instant;
  ingestedAt: Instant;
  mappingVersion: number;
  message: string | null;
  sanitized: boolean;
  activity: string;
}
