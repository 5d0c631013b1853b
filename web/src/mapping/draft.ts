// Changes to the mapping that are not saved yet. Pure: what may be said of them, and what becomes of them when somebody
// else saved meanwhile.
import type { Schema } from '../api/client.js';

export type Site = Schema['Site'];

export interface Organization {
  readonly id: string;
  readonly name: string;
}

/** By site: where it goes. Null: to no organization, its activities are discarded. */
export type Draft = ReadonlyMap<string, Organization | null>;

export const EMPTY: Draft = new Map();

/** Chosen as it is stored is no change. */
export function withChange(draft: Draft, site: Site, to: Organization | null): Draft {
  const next = new Map(draft);
  if ((to?.id ?? null) === site.organizationId) next.delete(site.siteId);
  else next.set(site.siteId, to);
  return next;
}

export function withoutChange(draft: Draft, siteId: string): Draft {
  const next = new Map(draft);
  next.delete(siteId);
  return next;
}

/** Of every site that has none and is not changed yet. */
export function withExactSuggestions(draft: Draft, sites: readonly Site[]): Draft {
  return sites
    .filter((site) => isOpen(draft, site) && site.suggestion?.likeness === 'exact')
    .reduce(withSuggestion, draft);
}

function withSuggestion(draft: Draft, site: Site): Draft {
  const { suggestion } = site;
  if (suggestion === null) return draft;
  return withChange(draft, site, { id: suggestion.organizationId, name: suggestion.organizationName });
}

/** Mapped to none, and not about to be. */
export const isOpen = (draft: Draft, site: Site): boolean => site.organizationId === null && !draft.has(site.siteId);

/** Where it will go, or goes already. */
export function placeOf(draft: Draft, site: Site): Organization | null {
  const changed = draft.get(site.siteId);
  if (changed !== undefined) return changed;
  return site.organizationId === null
    ? null
    : { id: site.organizationId, name: site.organizationName ?? site.organizationId };
}

/** As the API takes them. */
export const changesOf = (draft: Draft): { siteId: string; organizationId: string | null }[] =>
  [...draft].map(([siteId, to]) => ({ siteId, organizationId: to?.id ?? null }));

export interface Conflict {
  readonly site: Site;
  /** What I chose, and what somebody else saved meanwhile. */
  readonly mine: Organization | null;
  readonly theirs: Organization | null;
}

/**
 * My changes on top of what is stored now. What somebody else changed to the same is no change any more; where we
 * disagree, mine stays in the draft and both are named.
 */
export function rebased(
  draft: Draft,
  { before, now }: { readonly before: readonly Site[]; readonly now: readonly Site[] },
): { readonly draft: Draft; readonly conflicts: readonly Conflict[] } {
  const earlier = new Map(before.map((site) => [site.siteId, site.organizationId]));
  let next = EMPTY;
  const conflicts: Conflict[] = [];
  for (const site of now) {
    const mine = draft.get(site.siteId);
    if (mine === undefined) continue;
    next = withChange(next, site, mine);
    const changedByOthers = earlier.get(site.siteId) !== site.organizationId;
    if (changedByOthers && next.has(site.siteId)) conflicts.push({ site, mine, theirs: placeOf(EMPTY, site) });
  }
  return { draft: next, conflicts };
}

export interface Consequences {
  readonly mapped: number;
  readonly organizations: number;
  readonly unmapped: number;
  /** Activities of the sites mapped now that were discarded until today. */
  readonly discarded: number;
  /** The earliest of them. */
  readonly discardedSince: string | null;
}

/** What a save will do, in counts. */
export function consequencesOf(draft: Draft, sites: readonly Site[]): Consequences {
  const changed = sites.filter((site) => draft.has(site.siteId));
  const mapped = changed.filter((site) => draft.get(site.siteId) !== null);
  const firsts = mapped.flatMap((site) => site.discarded.first ?? []).sort();
  return {
    mapped: mapped.length,
    organizations: new Set(mapped.map((site) => draft.get(site.siteId)?.id)).size,
    unmapped: changed.length - mapped.length,
    discarded: mapped.reduce((sum, site) => sum + site.discarded.count, 0),
    discardedSince: firsts[0] ?? null,
  };
}
