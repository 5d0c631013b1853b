import { describe, expect, test } from 'vitest';
import { MICROS_PER_SECOND } from '../../src/domain/instant.js';
import * as backfills from '../../src/store/collecting/backfill.repository.js';
import { agentCheckpoint, openSlices } from '../../src/store/collecting/checkpoint.repository.js';
import { countLedger } from '../../src/store/collecting/discard.repository.js';
import { ingestPage } from '../../src/store/ingest/ingest-page.js';
import { aConnection, anActivity, aPage, type ConnectionRef } from '../support/builders.js';
import { discard } from './support/ledgers.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as, query } = store;

describe('backfills', () => {
  const HOUR = 3600 * 1_000_000;
  const start = Date.UTC(2026, 0, 1) * 1000;
  const queue = (connection: ConnectionRef, hours: number) =>
    as(connection, (tenant) =>
      backfills.queueBackfill(tenant, {
        connectionId: connection.connectionId,
        kind: 'requested',
        window: { fromMicros: start, toMicros: start + hours * HOUR + 1 },
      }),
    );
  const find = async (connection: ConnectionRef, id: string) => {
    const row = await as(connection, (tenant) => backfills.findBackfill(tenant, connection.connectionId, id));
    if (row === undefined) throw new Error('no such backfill');
    return row;
  };

  test('are cut into slices that cover the window exactly', async () => {
    const connection = await aConnection(store.owner);
    const id = await queue(connection, 13);
    const slices = await as(connection, (tenant) => openSlices(tenant, { connectionId: connection.connectionId, id }));
    expect(slices.map((slice) => [slice.fromAt, slice.toAt])).toEqual([
      ['2026-01-01T00:00:00.000000Z', '2026-01-01T06:00:00.000000Z'],
      ['2026-01-01T06:00:00.000000Z', '2026-01-01T12:00:00.000000Z'],
      ['2026-01-01T12:00:00.000000Z', '2026-01-01T13:00:00.000001Z'],
    ]);
    await ingestPage(
      store.owner,
      await aPage(store.owner, connection, {
        activities: [],
        checkpoint: slices[1] ?? (slices[0] as never),
        done: true,
      }),
    );
    const open = await as(connection, (tenant) => openSlices(tenant, { connectionId: connection.connectionId, id }));
    expect(open.map((slice) => slice.slice)).toEqual([slices[0]?.slice, slices[2]?.slice]);
  });

  test('of ten years are one statement', async () => {
    const connection = await aConnection(store.owner);
    const id = await queue(connection, 10 * 365 * 24);
    const slices = await as(connection, (tenant) => openSlices(tenant, { connectionId: connection.connectionId, id }));
    expect(slices).toHaveLength(10 * 365 * 4 + 1);
    expect(slices.every((slice, index) => index === 0 || slice.fromAt === slices[index - 1]?.toAt)).toBe(true);
  });

  test('are worked off oldest first; a paused one waits, unless it is to be cancelled', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    const [first, second] = [await queue(connection, 1), await queue(connection, 1)];
    const oldest = async () =>
      (await as(connection, (tenant) => backfills.oldestUnfinishedBackfill(tenant, connectionId)))?.id;
    expect(await oldest()).toBe(first);
    await query('update backfills set pause_requested = true where id = $1', [first]);
    expect(await oldest()).toBe(second);
    await query('update backfills set cancel_requested = true where id = $1', [first]);
    expect(await oldest()).toBe(first);
    const row = await find(connection, first);
    await as(connection, (tenant) => backfills.finishBackfill(tenant, row, { state: 'cancelled' }));
    expect(await oldest()).toBe(second);
    await as(connection, (tenant) => backfills.cancelBackfills(tenant, connectionId));
    expect(await oldest()).toBeUndefined();
    expect(await as(connection, (tenant) => backfills.hasUnfinishedBackfill(tenant, connectionId))).toBe(false);
    expect(await find(connection, second)).toMatchObject({ state: 'cancelled', cancelRequested: true });
  });

  test('that ended do not run again, and keep how they ended', async () => {
    const connection = await aConnection(store.owner);
    const row = await find(connection, await queue(connection, 1));
    await as(connection, (tenant) => backfills.markRunning(tenant, row));
    expect(await as(connection, (tenant) => backfills.countBackfillFailure(tenant, row, 's1.unavailable'))).toBe(1);
    await as(connection, (tenant) => backfills.finishBackfill(tenant, row, { state: 'done', unavailable: 2 }));
    await as(connection, (tenant) => backfills.markRunning(tenant, row));
    await as(connection, (tenant) => backfills.finishBackfill(tenant, row, { state: 'cancelled' }));
    expect(await find(connection, row.id)).toMatchObject({ state: 'done', unavailableCount: 2, failureCode: null });
  });

  test('of discards reach around the ledger’s rows, as far as their times may have been cut or rounded', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    const ledger = (siteIds: string[]) =>
      as(connection, (tenant) => backfills.ledgerWindow(tenant, connectionId, siteIds));
    expect(await ledger(['1'])).toBeNull();
    await discard(store.owner, connection, { siteId: '1' }, { siteId: '2' }, { siteId: '1' });
    expect(await ledger(['1'])).toEqual({
      fromMicros: anActivity(0).createdAtMicros - MICROS_PER_SECOND + 1,
      toMicros: anActivity(2).createdAtMicros + MICROS_PER_SECOND,
    });
    const count = (fromAt: string, toAt: string) =>
      as(connection, (tenant) => countLedger(tenant, { connectionId, siteIds: ['1', '2'], fromAt, toAt }));
    expect(await count(anActivity(0).createdAt, anActivity(2).createdAt)).toBe(2);
  });

  test('have a checkpoint of their own for rows that only an agent named', async () => {
    const connection = await aConnection(store.owner);
    const id = await queue(connection, 1);
    const backfill = { connectionId: connection.connectionId, id };
    const made = await as(connection, (tenant) => agentCheckpoint(tenant, backfill));
    expect(await as(connection, (tenant) => agentCheckpoint(tenant, backfill))).toEqual(made);
    expect(await as(connection, (tenant) => openSlices(tenant, backfill))).toHaveLength(1);
  });
});
