// A page's new rows as COPY rows. Column lists and value lists stand side by side, because COPY goes by position.
import { eventColumns } from '../../domain/ecs/event-columns.js';
import { storableText } from '../../domain/ecs/storable-text.js';
import { copyRows, type CopyValue } from '../copy-text.js';
import type { Tenant } from '../tenant.js';
import type { Page } from './page.js';
import type { DiscardRow, StoreRow } from './sort-activities.js';

interface Versioned<Row> {
  readonly version: number;
  readonly rows: readonly Row[];
}

const EVENT_COLUMNS = [
  'organization_id', 'connection_id', 's1_account_id', 'activity_id', 'activity_type', 'site_id', 'agent_id',
  'occurred_at', 'ingested_at', 'mapping_version', 'event_action', 'event_kind', 'event_category', 'event_type',
  'event_outcome', 'event_severity', 'message', 'site_name', 'group_name', 'user_id', 'user_name', 'user_domain',
  'user_email', 'host_name', 'host_os_type', 'host_ip', 'source_ip', 'file_name', 'file_path', 'file_hash', 'rule_id',
  'rule_name', 'threat_id', 'threat_classification', 'sanitized', 'activity',
]; // prettier-ignore

export async function copyEvents(tenant: Tenant, page: Page, { version, rows }: Versioned<StoreRow>): Promise<void> {
  if (rows.length === 0) return;
  const values = eventRows(page, { version, rows });
  await copyRows(tenant.client, { table: 'events', columns: EVENT_COLUMNS, accountId: tenant.accountId }, values);
}

/** One at a time, as COPY takes them: no page is held twice. */
function* eventRows(page: Page, { version, rows }: Versioned<StoreRow>): Iterable<CopyValue[]> {
  const ingestedAt = new Date().toISOString();
  for (const row of rows) yield eventRow(page, row, { version, ingestedAt });
}

function eventRow(
  page: Page,
  { activity, route }: StoreRow,
  { version, ingestedAt }: { readonly version: number; readonly ingestedAt: string },
): CopyValue[] {
  const e = eventColumns(activity, page.typeNames);
  const { text, sanitized } = storableText(activity.raw);
  return [
    route.organizationId, page.connectionId, page.s1AccountId, activity.id, activity.activityType, route.siteId, activity.agentId,
    activity.createdAt, ingestedAt, version, e.eventAction, e.eventKind, e.eventCategory, e.eventType,
    e.eventOutcome, e.eventSeverity, e.message, e.siteName, e.groupName, e.userId, e.userName, e.userDomain,
    e.userEmail, e.hostName, e.hostOsType, e.hostIp, e.sourceIp, e.fileName, e.filePath, e.fileHash, e.ruleId,
    e.ruleName, e.threatId, e.threatClassification, e.sanitized || sanitized, text,
  ]; // prettier-ignore
}

const DISCARD_COLUMNS = [
  'connection_id', 's1_account_id', 'activity_id', 'occurred_at', 'discarded_at', 'site_id', 'agent_id', 'site_from',
  'reason', 'mapping_version',
]; // prettier-ignore

export async function copyDiscards(
  tenant: Tenant,
  page: Page,
  { version, rows }: Versioned<DiscardRow>,
): Promise<void> {
  if (rows.length === 0) return;
  const discardedAt = new Date().toISOString();
  const values = rows.map(({ activity, route }): CopyValue[] => [
    page.connectionId, page.s1AccountId, activity.id, activity.createdAt, discardedAt, route.siteId, activity.agentId, route.siteFrom,
    route.reason, version,
  ]); // prettier-ignore
  await copyRows(tenant.client, { table: 'discards', columns: DISCARD_COLUMNS, accountId: tenant.accountId }, values);
}
