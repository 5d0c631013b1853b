// Every ECS field of an event, as one table: its name, its type, the column of `events` that holds it or none, and how
// its value is made. The columns that COPY writes, the type of the table, and the document all follow from it; so will
// whatever else has to know the fields. A new searchable field is a row with a column here, and a migration that adds
// the column.
import { parseConsoleInstant, toInstant } from '../instant.js';
import { DATA_KEYS } from './data-keys.js';
import { type DocumentSource, type FieldSource, firstFileHash, osFamily } from './field-source.js';
import { addresses, hash, hashName, osType, text } from './field-values.js';
import { plain, texts } from './flatten-data.js';

/** Elasticsearch's types; `[]` says that there may be several values. */
export type FieldType = 'keyword' | 'keyword[]' | 'text' | 'long' | 'date' | 'ip' | 'ip[]' | 'boolean';

export type FieldValue = string | number | boolean | readonly string[] | null;

export interface Field {
  /** As it is searched and shown. */
  readonly name: string;
  readonly type: FieldType;
  /** The column of `events` that holds the value; null: it is made from the activity's own text when it is read. */
  readonly column: string | null;
  readonly value: (of: DocumentSource) => FieldValue;
}

/** PostgreSQL's type of a column. An instant is stored as microseconds since 1970. */
type ColumnType = 'text' | 'text[]' | 'int2' | 'int4' | 'bool' | 'timestamptz';

/** A column of `events` that an activity fills by itself, whatever becomes of it. */
interface Column<Name extends string = string, Type extends ColumnType = ColumnType, Value = FieldValue> {
  readonly column: Name;
  readonly columnType: Type;
  readonly stored: (of: FieldSource) => Value;
}

const column = <const Name extends string, const Type extends ColumnType, Value extends FieldValue>(
  [name, columnType]: readonly [Name, Type],
  stored: (of: FieldSource) => Value,
): Column<Name, Type, Value> => ({ column: name, columnType, stored });

/** A field whose value its column holds as the document says it. */
const searched = <const Name extends string, const Type extends ColumnType, Value extends FieldValue>(
  name: string,
  type: FieldType,
  [columnName, columnType]: readonly [Name, Type],
  value: (of: FieldSource) => Value,
): Field & Column<Name, Type, Value> => ({ name, type, value, ...column([columnName, columnType], value) });

/** A field whose value is in a column that another field, or whoever stores the event, has filled. */
const alsoIn = (columnName: string, name: string, type: FieldType, value: Field['value']): Field => ({
  name,
  type,
  column: columnName,
  value,
});

/** A field without a column. */
const read = (name: string, type: FieldType, value: Field['value']): Field => ({ name, type, column: null, value });

export const EVENT_PROVIDER = 'Syslog-SentinelOne';
const ECS_VERSION = '9.3.0';

const TABLE = [
  {
    ...alsoIn('occurred_at', '@timestamp', 'date', (of) => of.activity.createdAt),
    ...column(['occurred_at', 'timestamptz'], (of) => of.activity.createdAtMicros),
  },
  read('ecs.version', 'keyword', () => ECS_VERSION),
  read('event.provider', 'keyword', () => EVENT_PROVIDER),
  read('event.module', 'keyword', () => 'sentinel_one'),
  read('event.dataset', 'keyword', () => 'sentinel_one.activity'),
  alsoIn('ingested_at', 'event.ingested', 'date', (of) => of.context.ingestedAt),
  searched('event.id', 'keyword', ['activity_id', 'text'], (of) => of.activity.id),
  alsoIn('activity_type', 'event.code', 'keyword', ({ activity: { activityType } }) =>
    activityType === null ? null : String(activityType),
  ),
  searched('event.action', 'keyword', ['event_action', 'text'], (of) => of.action),
  searched('event.kind', 'keyword', ['event_kind', 'text'], (of) => of.categorisation.kind),
  searched('event.category', 'keyword[]', ['event_category', 'text[]'], (of) => of.categorisation.category),
  searched('event.type', 'keyword[]', ['event_type', 'text[]'], (of) => of.categorisation.type),
  searched('event.outcome', 'keyword', ['event_outcome', 'text'], (of) => of.categorisation.outcome ?? null),
  searched('event.severity', 'long', ['event_severity', 'int2'], (of) => of.categorisation.severity ?? null),
  searched('message', 'text', ['message', 'text'], (of) => text(of.activity.raw.value.primaryDescription, of.cleaning)),
  alsoIn('organization_id', 'organization.id', 'keyword', (of) => of.context.organizationId),
  read('organization.name', 'keyword', (of) => of.context.organizationName),

  alsoIn('activity_id', 'sentinel_one.activity.id', 'keyword', (of) => of.activity.id),
  searched('sentinel_one.activity.type', 'long', ['activity_type', 'int4'], (of) => of.activity.activityType),
  read('sentinel_one.activity.updated_at', 'date', (of) => instant(of.activity.raw.value.updatedAt)),
  alsoIn('message', 'sentinel_one.activity.description.primary', 'text', (of) =>
    text(of.activity.raw.value.primaryDescription, of.cleaning),
  ),
  read('sentinel_one.activity.uuid', 'keyword', (of) => text(of.activity.raw.value.activityUuid, of.cleaning)),
  read('sentinel_one.activity.description.secondary', 'text', (of) =>
    text(of.activity.raw.value.secondaryDescription, of.cleaning),
  ),
  read('sentinel_one.activity.description_value', 'text', (of) => text(of.activity.raw.value.description, of.cleaning)),
  read('sentinel_one.activity.comments', 'text', (of) => text(of.activity.raw.value.comments, of.cleaning)),
  read('sentinel_one.activity.account.id', 'keyword', (of) => of.activity.accountId),
  read('sentinel_one.account.name', 'keyword', (of) => of.activity.accountName),
  // Not the column `site_id`, which holds the site that the event was filed by: it may be that of the activity's agent.
  read('sentinel_one.site.id', 'keyword', (of) => of.activity.siteId),
  searched('sentinel_one.site.name', 'keyword', ['site_name', 'text'], (of) => of.activity.siteName),
  searched('sentinel_one.activity.agent.id', 'keyword', ['agent_id', 'text'], (of) => of.activity.agentId),
  searched('sentinel_one.activity.threat.id', 'keyword', ['threat_id', 'text'], (of) => of.activity.threatId),
  // Where SentinelOne puts something else than a hash into `hash`, it is kept under its own name.
  read('sentinel_one.activity.hash', 'keyword', ({ activity: { raw }, cleaning }) =>
    hash(raw.value.hash) === null ? text(raw.value.hash, cleaning) : null,
  ),

  searched('user.id', 'keyword', ['user_id', 'text'], (of) => of.activity.userId),
  searched('user.name', 'keyword', ['user_name', 'text'], (of) => of.user.name),
  searched('user.domain', 'keyword', ['user_domain', 'text'], (of) => of.user.domain),
  searched('user.email', 'keyword', ['user_email', 'text'], (of) => of.user.email),
  read('user.roles', 'keyword[]', (of) => texts(of.activity.data.role, of.cleaning)),
  read('user.target.name', 'keyword', (of) => of.target.name),
  read('user.target.email', 'keyword', (of) => of.target.email),
  read('sentinel_one.activity.data.user_scope', 'keyword', (of) => text(of.activity.data.userScope, of.cleaning)),
  searched('source.ip', 'ip', ['source_ip', 'text'], (of) => addresses(of.activity.data.ipAddress)?.[0] ?? null),

  read('group.id', 'keyword', (of) => of.activity.groupId),
  searched(
    'group.name',
    'keyword',
    ['group_name', 'text'],
    ({ activity: { data, raw }, cleaning }) => text(raw.value.groupName, cleaning) ?? text(data.groupName, cleaning),
  ),
  alsoIn('agent_id', 'host.id', 'keyword', (of) => of.activity.agentId),
  searched('host.name', 'keyword', ['host_name', 'text'], hostName),
  alsoIn('host_name', 'host.hostname', 'keyword', hostName),
  searched('host.ip', 'ip[]', ['host_ip', 'text[]'], hostIp),
  read('host.os.family', 'keyword', osFamily),
  searched('host.os.type', 'keyword', ['host_os_type', 'text'], (of) => osType(osFamily(of))),
  read('agent.version', 'keyword', (of) => text(of.activity.raw.value.agentUpdatedVersion, of.cleaning)),

  searched('file.name', 'keyword', ['file_name', 'text'], (of) => text(of.activity.data.fileDisplayName, of.cleaning)),
  searched('file.path', 'keyword', ['file_path', 'text'], (of) => text(of.activity.data.filePath, of.cleaning)),
  ...(['md5', 'sha1', 'sha256'] as const).map((name) =>
    read(`file.hash.${name}`, 'keyword', (of) => of.hashes.find((each) => hashName(each) === name) ?? null),
  ),
  searched('rule.id', 'keyword', ['rule_id', 'text'], (of) => of.rule.id),
  searched('rule.name', 'keyword', ['rule_name', 'text'], (of) => of.rule.name),
  read('rule.description', 'text', (of) => of.rule.description),
  searched(
    'sentinel_one.threat_classification.name',
    'keyword',
    ['threat_classification', 'text'],
    ({ activity: { data }, cleaning }) => text(data.threatClassification, cleaning),
  ),
  read('sentinel_one.threat_classification.source', 'keyword', (of) =>
    text(of.activity.data.threatClassificationSource, of.cleaning),
  ),

  read('related.hosts', 'keyword[]', (of) => distinct([hostName(of)])),
  read('related.user', 'keyword[]', ({ user, target }) => distinct([user.name, target.name, user.email, target.email])),
  read('related.ip', 'ip[]', (of) =>
    distinct([...(addresses(of.activity.data.ipAddress) ?? []), ...(hostIp(of) ?? [])]),
  ),
  read('related.hash', 'keyword[]', (of) => distinct(of.hashes)),
] as const;

/** The keys of `data` with a name of their own: text and numbers as text, booleans as `true` and `false`. */
const DATA_FIELDS: readonly Field[] = Object.entries(DATA_KEYS).map(([key, name]) =>
  read(`sentinel_one.activity.data.${name}`, 'keyword', (of) => plain(of.activity.data[key], of.cleaning)),
);

/** Last, when every other value has been made: whether U+0000 or a lone surrogate was replaced in any of them. */
const SANITIZED = {
  ...alsoIn('sanitized', 'sentinel_one.activity.sanitized', 'boolean', (of) => of.cleaning.sanitized || null),
  ...column(['sanitized', 'bool'], (of) => of.cleaning.sanitized),
};

/** The fields of a document, in its order; besides them it has what `flatten` makes of `data`. */
export const FIELDS: readonly Field[] = [...TABLE, ...DATA_FIELDS, SANITIZED];

/** One of the file's hashes, whichever comes first: too little to answer for a field. */
const FILE_HASH = column(['file_hash', 'text'], firstFileHash);

type StoredColumn = Extract<(typeof TABLE)[number], Column> | typeof FILE_HASH | typeof SANITIZED;

/** The columns of `events` that an activity fills by itself. */
export const COLUMNS: readonly StoredColumn[] = [FILE_HASH, ...TABLE.filter((field) => 'stored' in field), SANITIZED];

export type ColumnValue = ReturnType<StoredColumn['stored']>;

/** The values of `COLUMNS`, in their order. */
export function columnValues(of: FieldSource): ColumnValue[] {
  const values: ColumnValue[] = [];
  for (const { stored } of COLUMNS) values.push(stored(of));
  return values;
}

type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/** The same columns as they are read: an instant is text with six fraction digits. */
export type FieldColumns = {
  [C in StoredColumn as CamelCase<C['column']>]: C['columnType'] extends 'timestamptz'
    ? string
    : ReturnType<C['stored']>;
};

function hostName({ activity: { data }, cleaning }: FieldSource): string | null {
  return text(data.computerName, cleaning) ?? text(data.origagentname, cleaning);
}

function hostIp({ activity: { data } }: FieldSource): readonly string[] | null {
  return addresses(data.externalIp) ?? addresses(data.externalip);
}

const distinct = (values: readonly (string | null)[]) => [...new Set(values.filter((value) => value !== null))];

function instant(value: unknown): string | null {
  const micros = typeof value === 'string' ? parseConsoleInstant(value) : null;
  return micros === null ? null : toInstant(micros);
}
