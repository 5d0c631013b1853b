// How far a backfill is, as its slices say, and from where its speed is measured.
import { expect, test } from 'vitest';
import { MICROS_PER_HOUR as HOUR, toInstant, toMicros } from '../../src/domain/instant.js';
import {
  findBackfill,
  markResting,
  markRunning,
  queueBackfill,
} from '../../src/store/collecting/backfill.repository.js';
import { findBackfillView } from '../../src/store/collecting/backfill-view.repository.js';
import { agentCheckpoint } from '../../src/store/collecting/checkpoint.repository.js';
import { aConnection, asTenant } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const FROM = toMicros('2026-01-15T00:00:00Z');
const HOUR_MS = HOUR / 1000;

test('a day is four slices, each covered up to its watermark or, when it is done, to its end', async () => {
  const { accountId, connectionId } = await aConnection(store.owner);
  const inTenant = <T>(fn: Parameters<typeof asTenant<T>>[2]) => asTenant(store.owner, accountId, fn);
  const id = await inTenant((tenant) => {
    const window = { fromMicros: FROM, toMicros: FROM + 24 * HOUR };
    return queueBackfill(tenant, { connectionId, kind: 'discarded', window, siteIds: ['one'] });
  });
  const view = () => inTenant((tenant) => findBackfillView(tenant, connectionId, id));
  const backfill = async () => {
    const row = await inTenant((tenant) => findBackfill(tenant, connectionId, id));
    if (row === undefined) throw new Error('the backfill is gone');
    return row;
  };
  const ofSlice = (n: number, columns: string) =>
    store.owner.pool.query(`update checkpoints set ${columns} where backfill_id = $1 and slice like '%/0000${n}'`, [
      id,
    ]);

  expect(await view()).toMatchObject({ slices: 4, slicesDone: 0, coveredMs: 0, runningSince: null });

  const row = await backfill();
  await inTenant((tenant) => markRunning(tenant, row));
  await ofSlice(0, `done_at = now(), watermark = '${toInstant(FROM + HOUR)}'`);
  await ofSlice(1, `watermark = '${toInstant(FROM + 9 * HOUR)}'`);
  await inTenant((tenant) => agentCheckpoint(tenant, { connectionId, id }));
  expect(await view()).toMatchObject({ slices: 4, slicesDone: 1, coveredMs: 9 * HOUR_MS, coveredBeforeMs: 0 });

  await inTenant((tenant) => markResting(tenant, row));
  expect(await view()).toMatchObject({ state: 'running', runningSince: null });
  await inTenant((tenant) => markRunning(tenant, row));
  const again = await view();
  expect(again).toMatchObject({ coveredBeforeMs: 9 * HOUR_MS });
  expect(again?.runningSince).not.toBeNull();
});
