// Raw activities for the ECS tests: everything a console sends, null unless a test says otherwise.
import type { RawActivity } from '../../../../src/domain/collecting/activity.js';
import { type EcsContext, fieldSource } from '../../../../src/domain/ecs/field-source.js';
import { COLUMNS, columnValues, type FieldColumns } from '../../../../src/domain/ecs/fields.js';
import { type ReadActivity, readActivity, type TimeBounds } from '../../../../src/domain/ecs/read-activity.js';
import { storableText } from '../../../../src/domain/ecs/sanitize.js';
import { type EcsDocument, toEcs } from '../../../../src/domain/ecs/to-ecs.js';
import { MICROS_PER_HOUR, toMicros } from '../../../../src/domain/instant.js';

export type Fields = Readonly<Record<string, unknown>>;

export const BOUNDS: TimeBounds = {
  earliestMicros: toMicros('2013-01-01T00:00:00Z'),
  latestMicros: toMicros('2026-02-01T00:00:00Z') + 24 * MICROS_PER_HOUR,
};

export const CONTEXT: EcsContext = {
  organizationId: '0198c0de-0000-7000-8000-000000000001',
  organizationName: 'Contoso',
  ingestedAt: '2026-01-15T09:00:30.000000Z',
  typeNames: new Map(),
  sanitized: false,
};

const NOTHING = {
  id: '1400000000000000001',
  activityUuid: null,
  activityType: null,
  createdAt: '2026-01-15T09:00:00.123456Z',
  updatedAt: '2026-01-15T09:00:00.119001Z',
  accountId: '1000000000000000001',
  accountName: 'Acme',
  siteId: null,
  siteName: null,
  groupId: null,
  groupName: null,
  agentId: null,
  agentUpdatedVersion: null,
  userId: null,
  threatId: null,
  hash: null,
  osFamily: null,
  comments: null,
  description: null,
  primaryDescription: null,
  secondaryDescription: null,
  data: {},
};

/** As it leaves the page: the text, and the value parsed from it. */
export function rawActivity(fields: Fields): RawActivity {
  const text = JSON.stringify({ ...NOTHING, ...fields });
  return { text, value: JSON.parse(text) };
}

export const anActivity = (fields: Fields): ReadActivity => read(rawActivity(fields));

export function read(raw: RawActivity): ReadActivity {
  const result = readActivity(raw, BOUNDS);
  if (!result.ok) throw new Error(`unreadable activity: ${result.reason}`);
  return result.activity;
}

/** What would be stored, by the names that rows have when they are read; an instant is a number of microseconds. */
export function eventColumns(activity: ReadActivity, typeNames = CONTEXT.typeNames): EventColumns {
  const values = columnValues(fieldSource(activity, typeNames, storableText(activity.raw).sanitized));
  return Object.fromEntries(COLUMNS.map(({ column }, n) => [camelCase(column), values[n]])) as EventColumns;
}

export type EventColumns = Omit<FieldColumns, 'occurredAt'> & { readonly occurredAt: number };

export const camelCase = (column: string) => column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

export const columnsOf = (fields: Fields): EventColumns => eventColumns(anActivity(fields));

export const documentOf = (fields: Fields): EcsDocument => toEcs(anActivity(fields), CONTEXT);

export const dataColumnsOf = (data: Fields): EventColumns => columnsOf({ data });
export const dataDocumentOf = (data: Fields): EcsDocument => documentOf({ data });
