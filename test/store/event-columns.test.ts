// The table of ECS fields against the table that migrations make: neither has a column that the other lacks.
import { expect, test } from 'vitest';
import { COLUMNS } from '../../src/domain/ecs/fields.js';
import { useStore } from './support/use-store.js';

const store = useStore();

/** What an event has besides: whose it is, where it came from and when, and the activity itself. */
const OF_THE_STORE = [
  'account_id',
  'organization_id',
  'connection_id',
  's1_account_id',
  'site_id',
  'ingested_at',
  'mapping_version',
  'activity',
];

test('events has exactly the columns that fields fill, of their types', async () => {
  const rows = await store.query<{ name: string; type: string }>(
    `select attname as name, typname as type
       from pg_attribute join pg_type on pg_type.oid = atttypid
      where attrelid = 'events'::regclass and attnum > 0 and not attisdropped`,
  );
  const inTable = new Map(rows.map(({ name, type }) => [name, type.replace(/^_(.*)$/, '$1[]')]));
  for (const name of OF_THE_STORE) expect(inTable.delete(name), name).toBe(true);
  expect(Object.fromEntries(inTable)).toEqual(
    Object.fromEntries(COLUMNS.map((each) => [each.column, each.columnType])),
  );
});
