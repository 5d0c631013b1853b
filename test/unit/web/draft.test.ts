import { describe, expect, test } from 'vitest';
import {
  changesOf,
  consequencesOf,
  EMPTY,
  rebased,
  type Site,
  withChange,
  withExactSuggestions,
} from '../../../web/src/mapping/draft.js';

const ALDER = { id: 'o-alder', name: 'Alder' };
const BRIGHT = { id: 'o-bright', name: 'Brightwater' };

const site = (siteId: string, of: Partial<Site> = {}): Site => ({
  siteId,
  siteName: siteId,
  state: 'active',
  licenseCount: 1,
  organizationId: null,
  organizationName: null,
  suggestedOrganizationId: null,
  suggestion: null,
  discarded: { count: 0, first: null, last: null },
  ...of,
});
const suggesting = (likeness: 'exact' | 'likely') => ({
  organizationId: ALDER.id,
  organizationName: ALDER.name,
  likeness,
});

test('what is chosen as it is stored is no change', () => {
  const mapped = site('1', { organizationId: ALDER.id, organizationName: ALDER.name });
  const draft = withChange(EMPTY, mapped, BRIGHT);
  expect(changesOf(draft)).toEqual([{ siteId: '1', organizationId: BRIGHT.id }]);
  expect(withChange(draft, mapped, ALDER).size).toBe(0);
  expect(changesOf(withChange(EMPTY, mapped, null))).toEqual([{ siteId: '1', organizationId: null }]);
});

test('exact suggestions are accepted for sites that have none and were not touched', () => {
  const sites = [
    site('exact', { suggestion: suggesting('exact') }),
    site('likely', { suggestion: suggesting('likely') }),
    site('touched', { suggestion: suggesting('exact') }),
    site('mapped', { organizationId: BRIGHT.id, suggestion: suggesting('exact') }),
    site('none'),
  ];
  const touched = sites[2] ?? site('touched');
  const draft = withExactSuggestions(withChange(EMPTY, touched, BRIGHT), sites);
  expect([...draft].map(([siteId, to]) => [siteId, to?.id])).toEqual([
    ['touched', BRIGHT.id],
    ['exact', ALDER.id],
  ]);
});

describe('when somebody else saved meanwhile', () => {
  const before = [site('same'), site('other'), site('mine'), site('gone')];
  const mine = [ALDER, ALDER, ALDER, ALDER].reduce(
    (draft, to, index) => withChange(draft, before[index] ?? site('?'), to),
    EMPTY,
  );
  const now = [
    site('same', { organizationId: ALDER.id, organizationName: ALDER.name }),
    site('other', { organizationId: BRIGHT.id, organizationName: BRIGHT.name }),
    site('mine'),
  ];
  const next = rebased(mine, { before, now });

  test('what they saved as I wanted it is no change, and a site that is gone is forgotten', () => {
    expect([...next.draft.keys()]).toEqual(['other', 'mine']);
  });

  test('where we disagree both are named, and mine is kept', () => {
    expect(next.conflicts).toEqual([{ site: now[1], mine: ALDER, theirs: BRIGHT }]);
    expect(next.draft.get('other')).toEqual(ALDER);
  });
});

test('what a save will do is counted', () => {
  const sites = [
    site('1', { discarded: { count: 7, first: '2026-05-12T08:00:00.000000Z', last: null } }),
    site('2', { discarded: { count: 5, first: '2026-05-11T08:00:00.000000Z', last: null } }),
    site('3', { organizationId: BRIGHT.id, discarded: { count: 9, first: '2026-01-01T00:00:00.000000Z', last: null } }),
    site('4', { discarded: { count: 100, first: '2026-01-01T00:00:00.000000Z', last: null } }),
  ];
  const [one, two, three] = sites as [Site, Site, Site, Site];
  const draft = withChange(withChange(withChange(EMPTY, one, ALDER), two, ALDER), three, null);
  expect(consequencesOf(draft, sites)).toEqual({
    mapped: 2,
    organizations: 1,
    unmapped: 1,
    discarded: 12,
    discardedSince: '2026-05-11T08:00:00.000000Z',
  });
});
