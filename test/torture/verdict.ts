// Whether a partner's SentinelOne account was collected as promised: the console's ground truth against what is stored,
// row by row, under the mapping that was in force when each row was stored. Pure, and with none of the product's own
// routing.
import { toMicros } from '../../src/domain/instant.js';
import { type Mapping, type MappingChange, mappingOf } from './mapping-in-force.js';

export interface TruthRow {
  /** Null: a row that cannot be read, which must become a reject. */
  readonly id: string | null;
  readonly createdAt: string;
  readonly siteId: string | null;
  readonly agentId: string | null;
  /** The row's own site, else its agent's. */
  readonly resolvedSiteId: string | null;
}

interface Placed {
  readonly id: string;
  readonly occurredAt: string;
  readonly siteId: string | null;
  readonly mappingVersion: number;
  readonly storedAt: string;
}
export type StoredRow =
  | (Placed & { readonly kind: 'event'; readonly organizationId: string })
  | (Placed & { readonly kind: 'discard' })
  | { readonly kind: 'reject'; readonly occurredAt: string | null; readonly siteId: string | null };

/** A counter that people see, and what it should say. */
export interface Counter {
  readonly name: string;
  readonly says: number;
  readonly counted: number;
}

export interface Evidence {
  readonly name: string;
  readonly truth: readonly TruthRow[];
  readonly stored: readonly StoredRow[];
  readonly history: readonly MappingChange[];
  readonly counters: readonly Counter[];
  /** Rows that a comparison with the console's count collected; and how many it alone is promised to find. */
  readonly repaired: number;
  readonly promisedToComparison: number;
}

export const FINDING_KINDS = [
  'lost',
  'doubled',
  'unknown',
  'misplaced',
  'never-mapped',
  'wrong-version',
  'miscounted',
  'collected-too-late',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** How many rows it is about. */
  readonly rows: number;
  readonly text: string;
}

/** Empty when everything is as promised. */
export function judge(evidence: Evidence): Finding[] {
  const mapping = mappingOf(evidence.history);
  return [
    ...matched(evidence),
    ...sumsOfSites(evidence),
    ...placed(evidence, mapping),
    ...neverMapped(evidence),
    ...evidence.counters.flatMap(miscounted),
    ...collectedTooLate(evidence),
  ];
}

const finding = (kind: FindingKind, text: string, rows = 1): Finding => ({ kind, rows, text });

/** A reject has no id: its time and site stand for it, so that its text need not be compared. */
const keyOf = (id: string | null, at: string | null, siteId: string | null): string =>
  id === null ? `unreadable row of ${at ?? 'no time'} at site ${siteId ?? '-'}` : `${id} of ${at ?? 'no time'}`;
const keyOfTruth = (row: TruthRow): string => keyOf(row.id, row.createdAt, row.siteId);
const keyOfStored = (row: StoredRow): string =>
  keyOf(row.kind === 'reject' ? null : row.id, row.occurredAt, row.siteId);

function matched({ truth, stored }: Evidence): Finding[] {
  const expected = counted(truth.map(keyOfTruth));
  const held = counted(stored.map(keyOfStored));
  const findings: Finding[] = [];
  for (const [key, times] of expected) {
    const missing = times - (held.get(key) ?? 0);
    if (missing > 0) findings.push(finding('lost', key, missing));
  }
  for (const [key, times] of held) {
    const wanted = expected.get(key) ?? 0;
    if (wanted === 0) findings.push(finding('unknown', `${key} is not the console's`, times));
    else if (times > wanted) findings.push(finding('doubled', key, times - wanted));
  }
  // The same activity under two times has two keys.
  const keysOf = Map.groupBy(
    stored.filter((row) => row.kind !== 'reject'),
    ({ id }) => id,
  );
  for (const [id, rows] of keysOf) {
    const keys = new Set(rows.map(keyOfStored)).size;
    if (keys > 1) findings.push(finding('doubled', `${id} under ${keys} times`, keys - 1));
  }
  return findings;
}

function counted(keys: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/**
 * By the site that the product says; a row that is nobody's is caught by the rows, one under a wrong site also here.
 */
function sumsOfSites({ truth, stored }: Evidence): Finding[] {
  const theirs = counted(truth.map((row) => row.resolvedSiteId ?? '-'));
  const ours = counted(stored.map((row) => row.siteId ?? '-'));
  return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((siteId) => {
    const [wanted, held] = [theirs.get(siteId) ?? 0, ours.get(siteId) ?? 0];
    if (wanted === held) return [];
    return [finding('miscounted', `site ${siteId}: ${held} held of ${wanted}`, Math.abs(wanted - held))];
  });
}

/**
 * Each row under its site, in the organization that its version of the mapping names, and that version the one in
 * force.
 */
function placed({ truth, stored }: Evidence, mapping: Mapping): Finding[] {
  const truthOf = new Map(truth.map((row) => [keyOfTruth(row), row]));
  return stored.flatMap((row) => {
    const real = truthOf.get(keyOfStored(row));
    if (row.kind === 'reject' || real === undefined) return [];
    return [...misplaced(row, real, mapping), ...wrongVersion(row, mapping)];
  });
}

function misplaced(row: Exclude<StoredRow, { kind: 'reject' }>, real: TruthRow, mapping: Mapping): Finding[] {
  const siteId = real.resolvedSiteId;
  const findings: Finding[] = [];
  if (row.siteId !== siteId) {
    findings.push(
      finding('misplaced', `${keyOfStored(row)} is filed under site ${row.siteId ?? '-'}, not ${siteId ?? '-'}`),
    );
  }
  const wanted = siteId === null && real.agentId !== null ? null : mapping.organizationOf(siteId, row.mappingVersion);
  const place = row.kind === 'event' ? row.organizationId : null;
  if (place !== wanted) {
    const said = `${keyOfStored(row)} at site ${siteId ?? '-'}, version ${row.mappingVersion}`;
    findings.push(finding('misplaced', `${said}: ${place ?? 'discarded'}, not ${wanted ?? 'discarded'}`));
  }
  return findings;
}

function wrongVersion(row: Exclude<StoredRow, { kind: 'reject' }>, mapping: Mapping): Finding[] {
  if (mapping.wasInForce(row.mappingVersion, toMicros(row.storedAt))) return [];
  const said = `${keyOfStored(row)} was stored at ${row.storedAt} under version ${row.mappingVersion}`;
  return [finding('wrong-version', said)];
}

/** Said without any versions, too: an organization holds nothing of a site that was at no time mapped to it. */
function neverMapped({ truth, stored, history }: Evidence): Finding[] {
  const pair = (siteId: string | null, organizationId: string | null) => `${siteId ?? '-'} → ${organizationId ?? '-'}`;
  const mapped = new Set(history.map((change) => pair(change.siteId, change.organizationId)));
  const siteOf = new Map(truth.map((row) => [keyOfTruth(row), row.resolvedSiteId]));
  const held = stored.flatMap((row) =>
    row.kind === 'event' ? [pair(siteOf.get(keyOfStored(row)) ?? row.siteId, row.organizationId)] : [],
  );
  return [...counted(held)]
    .filter(([each]) => !mapped.has(each))
    .map(([each, rows]) => finding('never-mapped', `${rows} rows: ${each}`, rows));
}

const miscounted = ({ name, says, counted: real }: Counter): Finding[] =>
  says === real ? [] : [finding('miscounted', `${name} says ${says}, ${real} are there`, Math.abs(says - real))];

/** The comparison must not make up for what collecting itself should have had. */
function collectedTooLate({ repaired, promisedToComparison }: Evidence): Finding[] {
  const tooMany = repaired - promisedToComparison;
  if (tooMany <= 0) return [];
  const said = `comparisons collected ${repaired} rows, of which they alone were to find ${promisedToComparison}`;
  return [finding('collected-too-late', said, tooMany)];
}
