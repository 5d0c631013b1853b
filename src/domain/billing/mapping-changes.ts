// The changes of mapping inside a month, each with where the site was before.
import { type MappingFact, type MonthFacts, siteKey } from './facts.js';
import { firstDayOf, lastDayOf } from './month.js';

export interface MappingChangeView {
  readonly at: string;
  readonly day: string;
  readonly version: number;
  readonly connectionId: string;
  readonly siteId: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** Oldest first. */
export function mappingChanges({ month, mappings }: Pick<MonthFacts, 'month' | 'mappings'>): MappingChangeView[] {
  const current = new Map<string, string | null>();
  const changes: MappingChangeView[] = [];
  for (const mapping of mappings) {
    const from = current.get(siteKey(mapping)) ?? null;
    current.set(siteKey(mapping), mapping.organizationId);
    if (mapping.day >= firstDayOf(month) && mapping.day <= lastDayOf(month)) changes.push(viewOf(mapping, from));
  }
  return changes;
}

const viewOf = ({ at, day, version, connectionId, siteId, organizationId }: MappingFact, from: string | null) => ({
  at,
  day,
  version,
  connectionId,
  siteId,
  from,
  to: organizationId,
});
