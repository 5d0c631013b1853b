// Which organization a site was mapped to in each version of a mapping, and when each version was in force. Pure;
// worked out from the mapping's history alone.
import { toMicros } from '../../src/domain/instant.js';

/** `siteId` null says the default organization. */
export interface MappingChange {
  readonly version: number;
  readonly siteId: string | null;
  readonly organizationId: string | null;
  readonly committedAt: string;
}

export interface Mapping {
  /** Null: not mapped. A site null asks for the default organization. */
  organizationOf(siteId: string | null, version: number): string | null;
  /** Whether this version was the one that counted at that moment. */
  wasInForce(version: number, atMicros: number): boolean;
}

/** The time of a row is written in whole milliseconds, that of a version in microseconds. */
const ROUNDING_MICROS = 2_000;

export function mappingOf(history: readonly MappingChange[]): Mapping {
  const changes = [...history].sort((a, b) => a.version - b.version);
  const ofSite = Map.groupBy(changes, ({ siteId }) => siteId);
  const since = new Map<number, number>();
  for (const { version, committedAt } of changes) {
    const micros = toMicros(committedAt);
    since.set(version, Math.min(micros, since.get(version) ?? Infinity));
  }
  const versions = [...since.keys()];
  return {
    organizationOf: (siteId, version) =>
      (ofSite.get(siteId) ?? []).findLast((change) => change.version <= version)?.organizationId ?? null,
    wasInForce(version, atMicros) {
      const from = since.get(version);
      if (from === undefined) return false;
      const next = since.get(versions[versions.indexOf(version) + 1] ?? Infinity) ?? Infinity;
      return from <= atMicros + ROUNDING_MICROS && atMicros - ROUNDING_MICROS <= next;
    },
  };
}
