import { describe, expect, test } from 'vitest';
import type { Mapping } from '../../../src/domain/collecting/routing.js';
import { ActivityMap } from '../../../src/domain/collecting/same-activity.js';
import { type Known, type LedgerRow, sortActivities } from '../../../src/store/ingest/sort-activities.js';
import { anActivity } from '../../support/builders.js';

const MAPPING: Mapping = {
  version: 3,
  defaultOrganizationId: 'default',
  organizationOf: (siteId) => (siteId === 'mapped' ? 'contoso' : null),
  siteOfAgent: () => null,
};
const NOTHING: Known = { events: new ActivityMap(), discards: new ActivityMap() };
const stored = anActivity(0);
const mapped = anActivity(1, { siteId: 'mapped' });
const unmapped = anActivity(2, { siteId: 'unmapped' });
const events = (row: typeof stored) => new ActivityMap<true>().set(row, true);
const place = ({ createdAt }: typeof stored): LedgerRow => ({
  connectionId: 'earlier',
  siteId: 'mapped',
  occurredAt: createdAt,
});

function sort(rows: readonly (typeof stored)[], known: Partial<Known> = {}, fromLedger = false) {
  const sorted = sortActivities(rows, { mapping: MAPPING, known: { ...NOTHING, ...known }, fromLedger });
  const ids = (list: readonly { readonly activity: typeof stored }[]) => list.map((row) => row.activity.id);
  return { events: ids(sorted.events), discards: ids(sorted.discards), collected: sorted.collected };
}

test('new rows are stored or discarded as they are routed, in the order they came', () => {
  const sorted = sort([mapped, unmapped, stored]);
  expect(sorted).toEqual({ events: [mapped.id, stored.id], discards: [unmapped.id], collected: [] });
});

test('a row that comes twice in a page counts once', () => {
  expect(sort([unmapped, stored, unmapped, stored])).toEqual({
    events: [stored.id],
    discards: [unmapped.id],
    collected: [],
  });
});

test.each(['2026-01-15T09:00:00.123Z', '2026-01-15T09:00:00Z', '2026-01-15T09:00:01Z', '2026-01-15T09:00:00.123456'])(
  'the same id at %s is the same activity, in the page and in the database',
  (createdAt) => {
    const again = anActivity(0, { createdAt });
    expect(sort([stored, again, stored]).events).toEqual([stored.id]);
    expect(sort([again], { events: events(stored) }).events).toEqual([]);
    expect(sort([stored], { events: events(again) }).events).toEqual([]);
  },
);

test.each(['2026-01-15T09:00:01.123456Z', '2026-01-15T08:59:59.123456Z', '2026-02-15T09:00:00Z'])(
  'the same id at %s, a second away and more, is another row',
  (createdAt) => {
    const moved = anActivity(0, { createdAt });
    expect(sort([stored, moved, moved], { events: events(stored) }).events).toEqual([moved.id]);
  },
);

describe('a row in the discard ledger', () => {
  const discards = new ActivityMap<LedgerRow>().set(mapped, place(mapped)).set(unmapped, place(unmapped));
  const known = { discards };

  test('stays there for every reader, mapped or not', () => {
    expect(sort([mapped, unmapped], known)).toEqual({ events: [], discards: [], collected: [] });
  });

  test('leaves it for the collector when it is mapped, from where it is counted', () => {
    const sorted = sort([mapped, unmapped, stored], known, true);
    expect(sorted).toEqual({
      events: [mapped.id, stored.id],
      discards: [],
      collected: [{ activity: mapped, ...place(mapped) }],
    });
  });
});

test('a stored event stays as it is for the collector too', () => {
  expect(sort([mapped], { events: events(mapped) }, true).events).toEqual([]);
});
