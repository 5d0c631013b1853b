// The table of fields as a catalogue: what storing, searching and documentation rely on.
import { expect, test } from 'vitest';
import { COLUMNS, FIELDS } from '../../../../src/domain/ecs/fields.js';
import { documentOf } from './sample.js';

/** Filled when the event is stored. */
const OF_THE_ROUTE = ['organization_id', 'ingested_at'];

test('every field and every column is there once', () => {
  const names = FIELDS.map(({ name }) => name);
  const columns = COLUMNS.map(({ column }) => column);
  expect(names).toEqual([...new Set(names)]);
  expect(columns).toEqual([...new Set(columns)]);
});

test('a field names only columns that are filled', () => {
  const filled = new Set<string>([...OF_THE_ROUTE, ...COLUMNS.map(({ column }) => column)]);
  expect(FIELDS.flatMap(({ column }) => column ?? []).filter((column) => !filled.has(column))).toEqual([]);
});

test('several values go where there may be several', () => {
  const document = documentOf({
    activityType: 27,
    threatId: '1',
    agentId: '2',
    hash: 'a'.repeat(40),
    primaryDescription: 'Jo did.',
    data: {
      byUser: 'Ann',
      username: 'Jo',
      role: ['Admin', 'SOC'],
      ipAddress: '192.0.2.5',
      externalIp: '192.0.2.6,::1',
    },
  });
  const types = new Map(FIELDS.map(({ name, type }) => [name, type]));
  const checked = Object.entries(document).filter(([name]) => types.has(name));
  expect(checked.length).toBeGreaterThan(20);
  for (const [name, value] of checked) expect(Array.isArray(value), name).toBe(types.get(name)?.endsWith('[]'));
});
