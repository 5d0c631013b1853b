import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RawActivity } from '../../../../src/domain/collecting/activity.js';
import { FIELDS } from '../../../../src/domain/ecs/fields.js';
import { readActivity } from '../../../../src/domain/ecs/read-activity.js';
import { isClean, sanitizeText } from '../../../../src/domain/ecs/sanitize.js';
import { toEcs } from '../../../../src/domain/ecs/to-ecs.js';
import { toMicros } from '../../../../src/domain/instant.js';
import { EXPECTED_TYPES } from './allowed-values.js';
import { BOUNDS, camelCase, CONTEXT, type EventColumns, eventColumns, read } from './sample.js';

/** By its column, how a field is stored where that differs from what the document says. */
const STORED_AS: Readonly<Record<string, (value: unknown) => unknown>> = {
  '@timestamp': (instant) => toMicros(String(instant)),
  'event.code': Number,
  'sentinel_one.activity.sanitized': (value) => value === true,
};

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '',
    'None',
    '27',
    '192.0.2.5',
    '::1,x',
    'CORP\\jo',
    'jo@example.com',
    'malicious',
    'Trojan',
    '\0',
    '\ud800',
  ),
  fc.constantFrom('a'.repeat(40), 'F'.repeat(64), 'windows', 'E_HIGH', 'Jo added "x"', 'failed to log in'),
);
const anyValue = fc.oneof(
  { weight: 4, arbitrary: anyText },
  fc.constantFrom(null, true, 27, -1, 1.5, 1e300),
  fc.jsonValue({ stringUnit: 'binary' }),
);
const fields = (keys: readonly string[]) =>
  fc.record(Object.fromEntries(keys.map((key) => [key, anyValue])), { requiredKeys: [] });

const anyData = fields([
  'username',
  'byUser',
  'email',
  'ipAddress',
  'externalIp',
  'computerName',
  'osFamily',
  'osType',
  'role',
  'siteName',
  'filePath',
  'fileDisplayName',
  'fileContentHash',
  'ruleId',
  'ruleid',
  'RuleName',
  'confidenceLevel',
  'severity',
  'threatClassification',
  'newValue',
  'groupName',
  'a.b',
  '',
  '__proto__',
  'toString',
]);
const anyTop = fields([
  'accountId',
  'accountName',
  'siteId',
  'siteName',
  'groupId',
  'groupName',
  'agentId',
  'userId',
  'threatId',
  'hash',
  'osFamily',
  'primaryDescription',
  'secondaryDescription',
  'description',
  'comments',
  'updatedAt',
  'activityUuid',
]);
const anyType = fc.oneof(fc.constantFrom(18, 19, 27, 3608, 5126, 98765), anyValue);

const anyRaw: fc.Arbitrary<RawActivity> = fc
  .tuple(anyTop, anyType, fc.oneof({ weight: 5, arbitrary: anyData }, anyValue))
  .map(([top, activityType, data]) => {
    const text = JSON.stringify({ ...top, activityType, data, id: '14', createdAt: '2026-01-15T09:00:00Z' });
    return { text, value: JSON.parse(text) };
  });

/** By whoever stores the event: no part of the activity. */
const FILLED_ELSEWHERE: ReadonlySet<string> = new Set(['organization_id', 'ingested_at']);

test('columns and document never throw and always agree', () => {
  fc.assert(
    fc.property(anyRaw, (raw) => {
      const activity = read(raw);
      const columns = eventColumns(activity);
      const document = toEcs(activity, { ...CONTEXT, sanitized: columns.sanitized });
      for (const { name, column } of FIELDS) {
        if (column === null || FILLED_ELSEWHERE.has(column)) continue;
        const stored = columns[camelCase(column) as keyof EventColumns];
        const isLeftOut = stored === null || stored === false || (Array.isArray(stored) && stored.length === 0);
        if (isLeftOut) expect(document, name).not.toHaveProperty([name]);
        else expect(STORED_AS[name]?.(document[name]) ?? document[name], name).toEqual(stored);
      }
      const hashes = [document['file.hash.md5'], document['file.hash.sha1'], document['file.hash.sha256']];
      if (columns.fileHash !== null) expect(hashes).toContain(columns.fileHash);
      else expect(hashes).toEqual([undefined, undefined, undefined]);
    }),
    { numRuns: 1000 },
  );
});

test('what is stored and read back makes the columns it was stored with', () => {
  fc.assert(
    fc.property(anyRaw, (raw) => {
      const text = sanitizeText(raw.text);
      const before = eventColumns(read(raw));
      const after = eventColumns(read({ text, value: JSON.parse(text) }));
      expect({ ...after, sanitized: null }).toEqual({ ...before, sanitized: null });
    }),
    { numRuns: 1000 },
  );
});

test('nothing that PostgreSQL cannot hold is left, and every category is one of ECS', () => {
  fc.assert(
    fc.property(anyRaw, (raw) => {
      const activity = read(raw);
      const columns = eventColumns(activity);
      const ids = [activity.accountId, activity.siteId, activity.agentId, activity.siteName, activity.accountName];
      const document = toEcs(activity, CONTEXT);
      const texts = [Object.values(columns), ids, Object.entries(document)].flat(3);
      expect(texts.filter((value) => typeof value === 'string' && !isClean(value))).toEqual([]);
      expect(columns.eventCategory.every((category) => EXPECTED_TYPES[category] !== undefined)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('no value whatever makes reading throw', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (value, id) => {
      const raws = [
        value,
        { id, createdAt: value },
        { id: '1', createdAt: '2026-01-15T09:00:00Z', data: value, siteId: id },
      ];
      for (const raw of raws) readActivity({ text: '', value: raw as RawActivity['value'] }, BOUNDS);
    }),
  );
});
