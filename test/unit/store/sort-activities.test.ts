import { describe, expect, test } from 'vitest';
import type { Mapping } from '../../../src/domain/collecting/routing.js';
import { activityKey, type Known, sortActivities } from '../../../src/store/ingest/sort-activities.js';
import { anActivity } from '../../support/builders.js';

const MAPPING: Mapping = {
  version: 3,
  defaultOrganizationId: 'default',
  organizationOf: (siteId) => (siteId === 'mapped' ? 'contoso' : null),
  siteOfAgent: () => null,
};
const NOTHING: Known = { events: new Set(), discards: new Map() };
const stored = anActivity(0);
const mapped = anActivity(1, { siteId: 'mapped' });
const unmapped = anActivity(2, { siteId: 'unmapped' });
const keyOf = ({ id, createdAt }: typeof stored) => activityKey(id, createdAt);
const place = { connectionId: 'earlier', siteId: 'mapped' };

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

test('the same id at another time is another row', () => {
  const moved = anActivity(0, { createdAt: '2026-01-15T09:00:00.123457Z' });
  expect(sort([stored, moved], { events: new Set([keyOf(stored)]) }).events).toEqual([moved.id]);
});

describe('a row in the discard ledger', () => {
  const known = { discards: new Map([[keyOf(mapped), place], [keyOf(unmapped), place]]) }; // prettier-ignore

  test('stays there for every reader, mapped or not', () => {
    expect(sort([mapped, unmapped], known)).toEqual({ events: [], discards: [], collected: [] });
  });

  test('leaves it for the collector when it is mapped, from where it is counted', () => {
    const sorted = sort([mapped, unmapped, stored], known, true);
    expect(sorted).toEqual({
      events: [mapped.id, stored.id],
      discards: [],
      collected: [{ activity: mapped, connectionId: 'earlier', siteId: 'mapped' }],
    });
  });
});

test('a stored event stays as it is for the collector too', () => {
  expect(sort([mapped], { events: new Set([keyOf(mapped)]) }, true).events).toEqual([]);
});
