// What a long backfill leaves behind in the database: bytes a row of history, how full the pages of its indexes are,
// and how the few rows fared that every page updates. An update that is not HOT writes to every index of its table;
// dead rows are what autovacuum has not taken yet.
import type { Figure } from '../harness/benchmark.js';
import { onDatabase } from './collect-history.js';

/** Rows of these are updated by every page: the slice's checkpoint, and the counters. */
const HOT_TABLES = ['checkpoints', 'sites', 'connections', 'backfills'];

const SIZES = `
  select sum(pg_table_size(inhrelid)) as table, sum(pg_indexes_size(inhrelid)) as indexes, sum(n_dead_tup) as dead,
         (select count(*) from events) as rows
    from pg_inherits join pg_stat_user_tables on relid = inhrelid where inhparent = 'events'::regclass`;

const INDEXES = `
  select parent.relname as name, avg((pgstatindex(pg_index.indexrelid::regclass)).avg_leaf_density) as density
    from pg_inherits as partition
    join pg_index on pg_index.indrelid = partition.inhrelid
    join pg_inherits as attached on attached.inhrelid = pg_index.indexrelid
    join pg_class as parent on parent.oid = attached.inhparent
   where partition.inhparent = 'events'::regclass group by 1 order by 1`;

const UPDATES = `
  select relname as name, n_tup_upd as updates, n_tup_hot_upd as hot, n_dead_tup as dead,
         pg_table_size(relid) + pg_indexes_size(relid) as bytes, autovacuum_count as vacuums
    from pg_stat_user_tables where relname = any (array['${HOT_TABLES.join("','")}']) order by relname`;

export async function tableFigures(databaseUrl: string): Promise<Figure[]> {
  await onDatabase(databaseUrl, 'create extension if not exists pgstattuple');
  const [sizes = {}] = await onDatabase(databaseUrl, SIZES);
  const indexes = await onDatabase(databaseUrl, INDEXES);
  const updates = await onDatabase(databaseUrl, UPDATES);
  const perRow = (bytes: unknown) => Number(bytes) / Number(sizes['rows']);
  return [
    { name: 'events: table', value: perRow(sizes['table']), unit: 'bytes/activity' },
    { name: 'events: its indexes', value: perRow(sizes['indexes']), unit: 'bytes/activity' },
    { name: 'events: dead rows', value: Number(sizes['dead']), unit: 'rows' },
    ...indexes.map(({ name, density }) => ({
      name: String(name),
      value: Number(density),
      unit: '% of its leaf pages used',
    })),
    ...updates.flatMap(updateFigures),
  ];
}

function updateFigures({ name, updates, hot, dead, bytes, vacuums }: Readonly<Record<string, unknown>>): Figure[] {
  const table = String(name);
  return [
    {
      name: `${table}: updates that were HOT`,
      value: (100 * Number(hot)) / Number(updates),
      unit: `% of ${String(updates)}`,
    },
    { name: `${table}: dead rows`, value: Number(dead), unit: `after ${String(vacuums)} autovacuums` },
    { name: `${table}: size with indexes`, value: Number(bytes) / 1024, unit: 'KiB' },
  ];
}
