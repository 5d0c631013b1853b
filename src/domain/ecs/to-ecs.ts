// The full ECS 9.x document of an activity, with flat dotted keys as they are searched and shown. It is made when an event
// is read, from the activity's own text, so that a better mapping applies to old events as well. Empty fields are left out.

import { parseInstant, toInstant } from '../instant.js';
import type { TypeNames } from './action-name.js';
import { dataFields } from './data-fields.js';
import { type EventColumns, eventColumns, osFamily, targetOf } from './event-columns.js';
import { addresses, type Cleaning, hash, hashName, text } from './field-values.js';
import { flatten, texts } from './flatten-data.js';
import type { ReadActivity } from './read-activity.js';
import { ruleFields } from './rule-fields.js';

export type EcsDocument = Readonly<Record<string, unknown>>;

export interface EcsContext {
  readonly organizationId: string;
  readonly organizationName: string;
  /** ISO 8601, when the event was stored. */
  readonly ingestedAt: string;
  readonly typeNames: TypeNames;
  /** Whether the stored text had to be changed before it could be stored. */
  readonly sanitized: boolean;
}

export const EVENT_PROVIDER = 'Syslog-SentinelOne';
const ECS_VERSION = '9.3.0';
const FLATTENED = 'sentinel_one.activity.data.flattened';

export function toEcs(activity: ReadActivity, context: EcsContext): EcsDocument {
  const columns = eventColumns(activity, context.typeNames);
  // The columns have counted what was cleaned; the texts read here are cleaned as well and counted with them.
  const cleaning: Cleaning = { sanitized: context.sanitized || columns.sanitized };
  const document: Record<string, unknown> = {};
  addPresent(document, eventFields(activity, columns, context));
  addPresent(document, sentinelOneFields(activity, cleaning));
  addPresent(document, userFields(activity, columns, cleaning));
  addPresent(document, endpointFields(activity, columns, cleaning));
  addPresent(document, fileRuleAndThreatFields(activity, columns, cleaning));
  addPresent(document, relatedFields(activity, columns, cleaning));
  addPresent(document, dataFields(activity.data, cleaning));
  for (const [path, value] of flatten(FLATTENED, activity.raw.value.data, cleaning)) document[path] = value;
  if (cleaning.sanitized) document['sentinel_one.activity.sanitized'] = true;
  return document;
}

// A loop over each part instead of one spread of all: twice as fast, and a search reads thousands.
function addPresent(document: Record<string, unknown>, fields: EcsDocument): void {
  for (const key in fields) {
    const value = fields[key];
    if (value !== null && (!Array.isArray(value) || value.length > 0)) document[key] = value;
  }
}

const eventFields = (
  { id, createdAt, activityType, raw }: ReadActivity,
  columns: EventColumns,
  context: EcsContext,
) => ({
  '@timestamp': createdAt,
  'ecs.version': ECS_VERSION,
  'event.provider': EVENT_PROVIDER,
  'event.module': 'sentinel_one',
  'event.dataset': 'sentinel_one.activity',
  'event.ingested': context.ingestedAt,
  'event.id': id,
  'event.code': activityType === null ? null : String(activityType),
  'event.action': columns.eventAction,
  'event.kind': columns.eventKind,
  'event.category': columns.eventCategory,
  'event.type': columns.eventType,
  'event.outcome': columns.eventOutcome,
  'event.severity': columns.eventSeverity,
  message: columns.message,
  'organization.id': context.organizationId,
  'organization.name': context.organizationName,
  'sentinel_one.activity.id': id,
  'sentinel_one.activity.type': activityType,
  'sentinel_one.activity.updated_at': instant(raw.value.updatedAt),
  'sentinel_one.activity.description.primary': columns.message,
});

function sentinelOneFields(activity: ReadActivity, cleaning: Cleaning) {
  const { value } = activity.raw;
  return {
    'sentinel_one.activity.uuid': text(value.activityUuid, cleaning),
    'sentinel_one.activity.description.secondary': text(value.secondaryDescription, cleaning),
    'sentinel_one.activity.description_value': text(value.description, cleaning),
    'sentinel_one.activity.comments': text(value.comments, cleaning),
    'sentinel_one.activity.account.id': activity.accountId,
    'sentinel_one.account.name': activity.accountName,
    'sentinel_one.site.id': activity.siteId,
    'sentinel_one.site.name': activity.siteName,
    'sentinel_one.activity.agent.id': activity.agentId,
    'sentinel_one.activity.threat.id': activity.threatId,
    // Where SentinelOne puts something else than a hash into `hash`, it is kept under its own name.
    'sentinel_one.activity.hash': hash(value.hash) === null ? text(value.hash, cleaning) : null,
  };
}

function userFields(activity: ReadActivity, columns: EventColumns, cleaning: Cleaning) {
  const target = targetOf(activity, cleaning);
  return {
    'user.id': columns.userId,
    'user.name': columns.userName,
    'user.domain': columns.userDomain,
    'user.email': columns.userEmail,
    'user.roles': texts(activity.data.role, cleaning),
    'user.target.name': target.name,
    'user.target.email': target.email,
    'sentinel_one.activity.data.user_scope': text(activity.data.userScope, cleaning),
    'source.ip': columns.sourceIp,
  };
}

const endpointFields = (activity: ReadActivity, columns: EventColumns, cleaning: Cleaning) => ({
  'group.id': activity.groupId,
  'group.name': columns.groupName,
  'host.id': activity.agentId,
  'host.name': columns.hostName,
  'host.hostname': columns.hostName,
  'host.ip': columns.hostIp,
  'host.os.family': osFamily(activity, cleaning),
  'host.os.type': columns.hostOsType,
  'agent.version': text(activity.raw.value.agentUpdatedVersion, cleaning),
});

const fileRuleAndThreatFields = (activity: ReadActivity, columns: EventColumns, cleaning: Cleaning) => ({
  'file.name': columns.fileName,
  'file.path': columns.filePath,
  ...fileHashes(activity),
  'rule.id': columns.ruleId,
  'rule.name': columns.ruleName,
  'rule.description': ruleFields(activity.data, cleaning).description,
  'sentinel_one.threat_classification.name': columns.threatClassification,
  'sentinel_one.threat_classification.source': text(activity.data.threatClassificationSource, cleaning),
});

const hashes = ({ data, raw }: ReadActivity): string[] =>
  [hash(raw.value.hash), hash(data.fileContentHash)].filter((value) => value !== null);

/** The first hash of each length wins, as in the columns. */
const fileHashes = (activity: ReadActivity): EcsDocument =>
  Object.fromEntries(
    hashes(activity)
      .toReversed()
      .map((value) => [`file.hash.${hashName(value)}`, value]),
  );

function relatedFields(activity: ReadActivity, columns: EventColumns, cleaning: Cleaning) {
  const { data } = activity;
  const target = targetOf(activity, cleaning);
  const names = [columns.userName, target.name, columns.userEmail, target.email];
  const ips = [...(addresses(data.ipAddress) ?? []), ...(columns.hostIp ?? [])];
  return {
    'related.hosts': distinct([columns.hostName]),
    'related.user': distinct(names),
    'related.ip': distinct(ips),
    'related.hash': distinct(hashes(activity)),
  };
}

const distinct = (values: readonly (string | null)[]) => [...new Set(values.filter((value) => value !== null))];

function instant(value: unknown): string | null {
  const micros = typeof value === 'string' ? parseInstant(value) : null;
  return micros === null ? null : toInstant(micros);
}
