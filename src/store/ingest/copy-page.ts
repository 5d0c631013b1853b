// A page's new rows as COPY rows. Column lists and value lists stand side by side, because COPY goes by position.
import { eventColumns } from '../../domain/ecs/event-columns.js';
import { storableText } from '../../domain/ecs/storable-text.js';
import { MICROS_PER_MS } from '../../domain/instant.js';
import { copyRows, type CopyColumns, type CopyValue } from '../copy-binary.js';
import type { Tenant } from '../tenant.js';
import type { Page } from './page.js';
import type { DiscardRow, StoreRow } from './sort-activities.js';

interface Versioned<Row> {
  readonly version: number;
  readonly rows: readonly Row[];
}

const EVENT_COLUMNS: CopyColumns = [
  ['organization_id', 'uuid'], ['connection_id', 'uuid'], ['s1_account_id', 'text'], ['activity_id', 'text'],
  ['activity_type', 'int4'], ['site_id', 'text'], ['agent_id', 'text'], ['occurred_at', 'timestamptz'],
  ['ingested_at', 'timestamptz'], ['mapping_version', 'int4'], ['event_action', 'text'], ['event_kind', 'text'],
  ['event_category', 'text[]'], ['event_type', 'text[]'], ['event_outcome', 'text'], ['event_severity', 'int2'],
  ['message', 'text'], ['site_name', 'text'], ['group_name', 'text'], ['user_id', 'text'], ['user_name', 'text'],
  ['user_domain', 'text'], ['user_email', 'text'], ['host_name', 'text'], ['host_os_type', 'text'],
  ['host_ip', 'text[]'], ['source_ip', 'text'], ['file_name', 'text'], ['file_path', 'text'], ['file_hash', 'text'],
  ['rule_id', 'text'], ['rule_name', 'text'], ['threat_id', 'text'], ['threat_classification', 'text'],
  ['sanitized', 'bool'], ['activity', 'text'],
]; // prettier-ignore

export async function copyEvents(tenant: Tenant, page: Page, { version, rows }: Versioned<StoreRow>): Promise<void> {
  if (rows.length === 0) return;
  const values = eventRows(page, { version, rows });
  await copyRows(tenant.client, { table: 'events', columns: EVENT_COLUMNS, accountId: tenant.accountId }, values);
}

/** One at a time, as COPY takes them: no page is held twice. */
function* eventRows(page: Page, { version, rows }: Versioned<StoreRow>): Iterable<CopyValue[]> {
  const ingestedAt = Date.now() * MICROS_PER_MS;
  for (const row of rows) yield eventRow(page, row, { version, ingestedAt });
}

function eventRow(
  page: Page,
  { activity, route }: StoreRow,
  { version, ingestedAt }: { readonly version: number; readonly ingestedAt: number },
): CopyValue[] {
  const e = eventColumns(activity, page.typeNames);
  const { text, sanitized } = storableText(activity.raw);
  return [
    route.organizationId, page.connectionId, page.s1AccountId, activity.id, activity.activityType, route.siteId, activity.agentId,
    activity.createdAtMicros, ingestedAt, version, e.eventAction, e.eventKind, e.eventCategory, e.eventType,
    e.eventOutcome, e.eventSeverity, e.message, e.siteName, e.groupName, e.userId, e.userName, e.userDomain,
    e.userEmail, e.hostName, e.hostOsType, e.hostIp, e.sourceIp, e.fileName, e.filePath, e.fileHash, e.ruleId,
    e.ruleName, e.threatId, e.threatClassification, e.sanitized || sanitized, text,
  ]; // prettier-ignore
}

const DISCARD_COLUMNS: CopyColumns = [
  ['connection_id', 'uuid'], ['s1_account_id', 'text'], ['activity_id', 'text'], ['occurred_at', 'timestamptz'],
  ['discarded_at', 'timestamptz'], ['site_id', 'text'], ['agent_id', 'text'], ['site_from', 'text'], ['reason', 'text'],
  ['mapping_version', 'int4'],
]; // prettier-ignore

export async function copyDiscards(
  tenant: Tenant,
  page: Page,
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
