// Statements whose plan the product lives by: on filled tables, with several months of partitions, the look-up of a
// page's ids reads the month that the page touches by its unique index, and routing never compares every site with
// every mapping.
import { beforeAll, describe, expect, test } from 'vitest';
import { MICROS_PER_MINUTE, toInstant, toMicros } from '../../src/domain/instant.js';
import { syncSites } from '../../src/store/connections/site.repository.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { keyRange } from '../../src/store/ingest/key-range.js';
import { LOOK_UP } from '../../src/store/ingest/known-activities.js';
import { knownKeysStatement } from '../../src/store/ingest/known-keys.js';
import { lastRows } from '../../src/store/tenant.js';
import { aConnection, anActivity, aPage, aSite, asTenant, type ConnectionRef, remap } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();

const MONTHS = ['2026-01', '2026-02', '2026-03'];
const PAGE = 2_000;
/** Enough that a full page is a small part of the month it reads; the neighbours only have to be there. */
const PAGES_OF: Readonly<Record<string, number>> = { '2026-01': 1, '2026-02': 15, '2026-03': 1 };

let connection: ConnectionRef;

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Node[];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

interface Explained {
  readonly 'QUERY PLAN': [{ readonly Plan: Node }];
}

async function explain(statement: string, values: readonly unknown[]): Promise<Node[]> {
  const { rows } = await store.owner.pool.query<Explained>(`explain (format json) ${statement}`, [...values]);
  return nodesOf(rows[0]!['QUERY PLAN'][0].Plan);
}

/** The last of several statements, after the others. */
async function explainLast(statements: string): Promise<Node[]> {
  const at = statements.lastIndexOf(';') + 1;
  const [row] = await lastRows<Explained>(
    store.owner.pool,
    `${statements.slice(0, at)} explain (format json) ${statements.slice(at)}`,
  );
  return nodesOf(row!['QUERY PLAN'][0].Plan);
}

const at = (month: string, index: number) => toInstant(toMicros(`${month}-01T00:00:00Z`) + index * MICROS_PER_MINUTE);
const activityAt = (month: string, index: number) =>
  anActivity(MONTHS.indexOf(month) * 100_000 + index, {
    createdAt: at(month, index),
    ...(index % 4 === 0 ? { siteId: 'unmapped' } : {}),
  });

beforeAll(async () => {
  connection = await aConnection(store.owner);
  await aSite(store.owner, connection, { siteId: 'unmapped' });
  for (const month of MONTHS) {
    for (let page = 0; page < (PAGES_OF[month] ?? 0); page++) {
      const rows = Array.from({ length: PAGE }, (_, index) => activityAt(month, page * PAGE + index));
      await ingestPage(store.owner, await aPage(store.owner, connection, { activities: rows }));
    }
  }
});

describe.each([
  ['before PostgreSQL has statistics', false],
  ['with statistics', true],
])('%s the look-up of a page', (_, hasStatistics) => {
  beforeAll(async () => {
    if (hasStatistics) await store.owner.pool.query('analyze events, discards');
  });

  test.each([
    ['of a poll that finds little', 3],
    ['that is full', 1000],
  ])('%s reads one month of each table, by an index', async (_name, count) => {
    const rows = Array.from({ length: count }, (_row, index) => activityAt('2026-02', 10_000 + index));
    const { accountId, s1AccountId } = connection;
    const ids = rows.map((row) => row.id);
    const times = [at('2026-02', 10_000), at('2026-02', 10_000 + count)];
    const nodes = await explain(LOOK_UP, [accountId, s1AccountId, ids, ...times]);
    const scans = nodes.filter((node) => node['Relation Name'] !== undefined);
    expect(scans.map((node) => node['Relation Name']).sort()).toEqual(['discards_2026_02', 'events_2026_02']);
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    // For few rows, or without statistics, another index may look as good to the planner, and is.
    if (!hasStatistics || count < 1000) return;
    const indexes = nodes.flatMap((node) => node['Index Name'] ?? []);
    expect(indexes.map((name) => name.includes('s1_account_id_activity_id'))).toEqual([true, true]);
  });
});

test('with statistics the look which rows of a page are known reads its stretch of the unique index, and no table', async () => {
  await store.owner.pool.query('vacuum analyze events, discards');
  const rows = Array.from({ length: 1000 }, (_row, index) => activityAt('2026-02', 10_000 + index));
  const range = keyRange(rows);
  if (range === null) throw new Error('the rows have no range');
  const { accountId, s1AccountId } = connection;
  const statement = knownKeysStatement({ accountId, s1AccountId, range, keyCount: rows.length, fromLedger: false });
  const nodes = await explainLast(statement);
  expect(
    nodes.flatMap((node) => (node['Relation Name'] === undefined ? [] : [node['Relation Name'], node['Node Type']])),
  ).toEqual(['events_2026_02', 'Index Only Scan', 'discards_2026_02', 'Index Only Scan']);
  const indexes = nodes.flatMap((node) => node['Index Name'] ?? []);
  expect(indexes.map((name) => name.includes('s1_account_id_activity_id'))).toEqual([true, true]);
});

test('a page of a connection with thousands of sites, all new, is stored without comparing each with each', async () => {
  const { accountId, connectionId, organizationId } = connection;
  const siteIds = Array.from({ length: 6_000 }, (_, index) => `site ${index}`);
  await asTenant(store.owner, accountId, (tenant) =>
    syncSites(
      tenant,
      connectionId,
      siteIds.map((id) => ({ id, name: id, state: 'active', activeLicenses: 1 })),
    ),
  );
  await remap(
    store.owner,
    connection,
    siteIds.map((siteId) => ({ siteId, organizationId })),
  );
  const rows = siteIds.slice(0, 500).map((siteId, index) => anActivity(900_000 + index, { siteId }));
  // Comparing each with each took 9 s here, the indexes take a fiftieth of a second.
  await store.owner.pool.query(`alter database ${new URL(store.url).pathname.slice(1)} set statement_timeout = '3s'`);
  expect(await ingestPage(store.open(), await aPage(store.owner, connection, { activities: rows }))).toMatchObject({
    stored: 500,
  });
});
