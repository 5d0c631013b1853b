// The events. Partitioned by month of `occurredAt`; rows come in by COPY (`ingest/copy-page.ts`).
import type { FieldColumns } from '../../domain/ecs/fields.js';
import type { Instant } from './column-types.js';

/** What follows from the activity alone is in the table of ECS fields. */
export interface EventsTable extends FieldColumns {
  accountId: string;
  organizationId: string;
  connectionId: string;
  s1AccountId: string;
  siteId: string | null;
  ingestedAt: Instant;
  mappingVersion: number;
  activity: string;
}
