// The simulator's activities over HTTP: paging, filters, counting and the shapes that the published API has.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/server.js';
import { clientOf } from './simulator-client.js';

const END = '2026-01-20T00:00:00.000000Z';
let simulator: Simulator;
let client: ReturnType<typeof clientOf>;

beforeAll(async () => {
  simulator = await startSimulator({ historyRows: 6000, historyEndsAt: END });
  client = clientOf(simulator);
});
afterAll(() => simulator.close());

const northwind = () => simulator.state.world.accounts[0]?.id ?? '';
const truthIds = (keep: (row: { accountId: string | null; hidden: boolean; createdAt: string }) => boolean) =>
  [...simulator.truth()].filter((row) => keep(row)).map((row) => row.id);

describe('a chain of pages', () => {
  test.each(['asc', 'desc'])('gives every visible row of the token’s account exactly once, %s', async (sortOrder) => {
    const rows = await client.all({ sortBy: 'createdAt', sortOrder, limit: 700, skipCount: true });
    const expected = truthIds((row) => !row.hidden && row.accountId === northwind());
    expect(rows.map((row) => row.id)).toEqual(sortOrder === 'asc' ? expected : expected.toReversed());
  });

  test.each(['id', 'activityType'])('sorts by %s without losing a row', async (sortBy) => {
    const rows = await client.all({ sortBy, limit: 900 });
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    expect(rows).toHaveLength(truthIds((row) => !row.hidden && row.accountId === northwind()).length);
    const keys = rows.map((row) => (sortBy === 'id' ? BigInt(row.id) : BigInt(row.activityType)));
    expect(keys.every((key, n) => n === 0 || (keys[n - 1] ?? 0n) <= key)).toBe(true);
  });

  test('applies the filters that are sent with the cursor, not those of the first page', async () => {
    const first = await client.page({ activityTypes: 27, limit: 5 });
    const second = await client.page({ limit: 200, cursor: first.pagination.nextCursor ?? '' });
    expect(new Set(second.data.map((row) => row.activityType)).size).toBeGreaterThan(1);
  });

  test('goes through more rows of one createdAt than fit on a page', async () => {
    const at = '2026-02-01T10:00:00.123456Z';
    simulator.control.appendActivities({ count: 2300, type: 27, at });
    const rows = await client.all({ createdAt__gte: at, createdAt__lte: at });
    expect(new Set(rows.map((row) => row.id)).size).toBe(2300);
    expect(new Set(rows.map((row) => row.createdAt))).toEqual(new Set([at]));
  });

  test('shows a late row at its place in the past', async () => {
    const at = '2026-01-19T12:00:00.000001Z';
    const late = simulator.control.appendActivities({ type: 33, at });
    const { data } = await client.page({ createdAt__gte: at, sortBy: 'createdAt', limit: 1 });
    expect(data.map((row) => row.id)).toEqual(late.ids);
  });
});

describe('the time filters', () => {
  const at = '2026-03-01T00:00:00.500001Z';
  beforeAll(() => {
    simulator.control.appendActivities({ count: 3, type: 27, at, stepMicros: 1 });
  });
  const window = { createdAt__gte: '2026-03-01T00:00:00Z', createdAt__lt: '2026-03-01T00:01:00Z' };

  test.each([
    ['createdAt__gt', '2026-03-01T00:00:00.500001Z', 2],
    ['createdAt__gte', '2026-03-01T00:00:00.500002Z', 2],
    ['createdAt__lt', '2026-03-01T00:00:00.500002Z', 1],
    ['createdAt__lte', '2026-03-01T00:00:00.500002Z', 2],
    ['createdAt__gt', '2026-03-01T02:00:00.500001+02:00', 2],
  ])('%s %s compares microseconds', async (name, value, expected) => {
    expect((await client.page({ ...window, [name]: value })).data).toHaveLength(expected);
  });

  test('reads a between range of milliseconds with both ends included', async () => {
    const ms = Date.parse('2026-03-01T00:00:00.500Z');
    expect((await client.page({ createdAt__between: `${ms}-${ms + 1}` })).pagination.totalItems).toBe(3);
    expect((await client.page({ createdAt__between: `${ms - 5}-${ms - 1}` })).pagination.totalItems).toBe(0);
  });
});

describe('the other filters', () => {
  test('finds a row by any of its ids', async () => {
    const { data } = await client.page({ activityTypes: '2028,2030', limit: 1 });
    const row = data[0];
    expect(row).toBeDefined();
    const by = async (query: Record<string, string>) => (await client.all(query)).map((found) => found.id);
    expect(await by({ ids: row?.id ?? '' })).toEqual([row?.id]);
    expect(await by({ activityUuids: row?.activityUuid ?? '' })).toEqual([row?.id]);
    for (const query of [
      { threatIds: row?.threatId ?? '' },
      { agentIds: row?.agentId ?? '' },
      { userIds: row?.userId ?? '' },
      { relatedIds: row?.threatId ?? '' },
      { siteIds: row?.siteId ?? '' },
    ]) {
      expect(await by(query)).toContain(row?.id);
    }
  });

  test('finds alerts by the rule id that stands in data as a bare number', async () => {
    const text = await (await client.send('/activities', { activityTypes: 3608, limit: 1 })).text();
    const ruleId = /"ruleId":(\d{18,})/.exec(text)?.[1] ?? '';
    expect(BigInt(ruleId)).toBeGreaterThan(2n ** 53n);
    const found = await client.page({ ruleIds: ruleId, activityTypes: 3608 });
    expect(found.pagination.totalItems).toBeGreaterThan(0);
  });

  test('hides internal rows unless they are asked for', async () => {
    const shown = await client.page({ countOnly: true });
    const everything = await client.page({ countOnly: true, includeHidden: true });
    const hidden = [...simulator.truth({ hidden: true, accountIds: [northwind()] })].length;
    expect(hidden).toBeGreaterThan(0);
    expect(everything.pagination.totalItems - shown.pagination.totalItems).toBe(hidden);
  });
});

describe('counting', () => {
  test('countOnly gives the total and no rows; skipCount gives rows and 0', async () => {
    const window = { createdAt__lt: END };
    const visible = truthIds((row) => !row.hidden && row.accountId === northwind() && row.createdAt < END).length;
    const counted = await client.page({ ...window, countOnly: true });
    expect(counted).toEqual({ data: [], pagination: { totalItems: visible, nextCursor: null } });
    const skipped = await client.page({ ...window, skipCount: true });
    expect(skipped.pagination.totalItems).toBe(0);
    expect(skipped.data).toHaveLength(10);
  });

  test('stops counting at 50,000', async () => {
    const many = await startSimulator({ historyRows: 60_000 });
    const counted = await clientOf(many, many.state.tokens.find('tenant')?.token).page({ countOnly: true });
    expect(counted.pagination.totalItems).toBe(50_000);
    await many.close();
  });
});

describe('a refused query', () => {
  test.each([
    ['updatedAt__gt', '2026-01-01T00:00:00Z', "dict_values(['updatedAt__gt']): Unknown field"],
    ['limit', '1001', 'limit: Must be between 1 and 1000.'],
    ['limit', '0', 'limit: Must be between 1 and 1000.'],
    ['skip', '1001', 'skip: Must be between 0 and 1000.'],
    ['sortBy', 'name', "sortBy: 'name' is not a valid choice"],
    ['createdAt__gt', 'yesterday', 'createdAt__gt: Not a valid datetime.'],
    ['siteIds', 'abc', 'siteIds: Not a valid id.'],
    ['cursor', 'bm9uc2Vuc2U=', 'cursor: Invalid cursor.'],
  ])('%s=%s is 400', async (name, value, detail) => {
    const response = await client.send('/activities', { [name]: value });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ title: 'Validation Error', detail }] });
  });
});

describe('a row', () => {
  test('has unique snowflake ids near createdAt and an updatedAt slightly before it', async () => {
    const rows = await client.all({ createdAt__lt: END });
    for (const row of rows) {
      const idMs = Number(BigInt(row.id) >> 23n) + 1483228800000;
      expect(Math.abs(idMs - Math.floor(Date.parse(row.createdAt)))).toBeLessThanOrEqual(21);
      expect(row.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(row.updatedAt < row.createdAt).toBe(true);
    }
    expect(new Set(rows.map((row) => row.activityUuid)).size).toBe(rows.length);
  });

  test('has at least thirty types, at account, site and agent level, and agents without a site', async () => {
    const rows = await client.all({ createdAt__lt: END });
    expect(new Set(rows.map((row) => row.activityType)).size).toBeGreaterThanOrEqual(30);
    const levels = new Set(
      rows.map((row) => `${row.siteId === null ? '-' : 'site'} ${row.agentId === null ? '-' : 'agent'}`),
    );
    expect(levels).toEqual(new Set(['- -', 'site -', 'site agent', '- agent']));
  });

  test('says no key twice, and is the same text each time', async () => {
    const read = async () => (await client.send('/activities', { limit: 1000 })).text();
    const text = await read();
    expect(await read()).toBe(text);
    const rows = [...text.matchAll(/\{"id":.*?\}(?=,\{"id":|\],"pagination")/g)].map(([row]) => row);
    expect(rows).toHaveLength(1000);
    for (const row of rows) {
      const keys = [...row.slice(row.indexOf('"data":{')).matchAll(/[{,]"(\w+)":/g)].map(([, key]) => key);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('is the same for the same seed and end', async () => {
    const again = await startSimulator({ historyRows: 6000, historyEndsAt: END });
    const query = { createdAt__gte: '2026-01-18T00:00:00Z', createdAt__lt: '2026-01-18T03:00:00Z' };
    expect(await clientOf(again).all(query)).toEqual(await client.all(query));
    await again.close();
  });

  test('has a type that the list of types names', async () => {
    const { data } = await client.get<{ data: { id: number; action: string; descriptionTemplate: string }[] }>(
      '/activities/types',
    );
    const known = new Set(data.map((type) => type.id));
    expect(data.length).toBeGreaterThan(250);
    expect((await client.all({})).every((row) => known.has(row.activityType))).toBe(true);
  });
});

describe('texts that are kept', () => {
  const options = { historyRows: 600, historyEndsAt: END };
  const bytesOf = async (console: Simulator) => (await clientOf(console).page({ limit: 1000 })) as object;

  test('are what would be rendered, also when only some fit', async () => {
    const rendering = await startSimulator(options);
    const keeping = await startSimulator({ ...options, keepTextsMiB: 0.3 });
    try {
      expect(await bytesOf(keeping)).toEqual(await bytesOf(rendering));
    } finally {
      await Promise.all([rendering.close(), keeping.close()]);
    }
  });

  test('are given up when the world that they speak about changes', async () => {
    const [rendering, keeping] = [
      await startSimulator(options),
      await startSimulator({ ...options, keepTextsMiB: 10 }),
    ];
    try {
      for (const { control } of [rendering, keeping]) {
        const { sites } = control.describe();
        control.moveAgent({ agentId: sites[0]?.agentIds[0] ?? '', siteId: sites[1]?.id ?? '', announce: false });
      }
      expect(await bytesOf(keeping)).toEqual(await bytesOf(rendering));
    } finally {
      await Promise.all([rendering.close(), keeping.close()]);
    }
  });
});
