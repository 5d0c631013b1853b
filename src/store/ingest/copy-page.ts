// A page's new rows as COPY rows. Column lists and value lists stand side by side, because COPY goes by position.
import { MICROS_PER_MS } from '../../domain/instant.js';
import { type CopyColumns, copyRows } from '../copy/copy-binary.js';
import type { CopyValue } from '../copy/field-writer.js';
import type { Tenant } from '../tenant.js';
import type { PageToStore } from './page.js';
import { PREPARED_COLUMN } from './prepare-activity.js';
import type { DiscardRow, StoreRow } from './sort-activities.js';

interface Versioned<Row> {
  readonly version: number;
  readonly rows: readonly Row[];
}

const EVENT_COLUMNS: CopyColumns = [
  ['organization_id', 'uuid'], ['connection_id', 'uuid'], ['s1_account_id', 'text'], ['site_id', 'text'],
  ['ingested_at', 'timestamptz'], ['mapping_version', 'int4'], PREPARED_COLUMN, ['activity', 'text'],
]; // prettier-ignore

export async function copyEvents(
  tenant: Tenant,
  page: PageToStore,
  { version, rows }: Versioned<StoreRow>,
): Promise<void> {
  if (rows.length === 0) return;
  const values = eventRows(page, { version, rows });
  await copyRows(tenant.client, { table: 'events', columns: EVENT_COLUMNS, accountId: tenant.accountId }, values);
}

/** One at a time, as COPY takes them: no page is held twice. */
function* eventRows(page: PageToStore, { version, rows }: Versioned<StoreRow>): Iterable<CopyValue[]> {
  const ingestedAt = Date.now() * MICROS_PER_MS;
  for (const row of rows) yield eventRow(page, row, { version, ingestedAt });
}

function eventRow(
  page: PageToStore,
  { activity, route }: StoreRow,
  { version, ingestedAt }: { readonly version: number; readonly ingestedAt: number },
): CopyValue[] {
  const { connectionId, s1AccountId } = page;
  const { fields, text } = activity;
  return [route.organizationId, connectionId, s1AccountId, route.siteId, ingestedAt, version, fields, text];
}

const DISCARD_COLUMNS: CopyColumns = [
  ['connection_id', 'uuid'], ['s1_account_id', 'text'], ['activity_id', 'text'], ['occurred_at', 'timestamptz'],
  ['discarded_at', 'timestamptz'], ['site_id', 'text'], ['agent_id', 'text'], ['site_from', 'text'], ['reason', 'text'],
  ['mapping_version', 'int4'],
]; // prettier-ignore

export async function copyDiscards(
  tenant: Tenant,
  page: PageToStore,
  { version, rows }: Versioned<DiscardRow>,
): Promise<void> {
  if (rows.length === 0) return;
  const discardedAt = Date.now() * MICROS_PER_MS;
  const values = rows.map(({ activity, route }): CopyValue[] => [
    page.connectionId, page.s1AccountId, activity.id, activity.createdAtMicros, discardedAt, route.siteId, activity.agentId, route.siteFrom,
    route.reason, version,
  ]); // prettier-ignore
  await copyRows(tenant.client, { table: 'discards', columns: DISCARD_COLUMNS, accountId: tenant.accountId }, values);
}
