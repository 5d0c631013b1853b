// The simulated console's ground truth against what the product stored: row by row, not by counts that could cancel
// out.
import { sql } from 'kysely';
import { z } from 'zod';
import type { Database } from '../../store/database.js';

const ROW = z.object({
  id: z.string().nullable(),
  createdAt: z.string(),
  accountId: z.string().nullable(),
  siteId: z.string().nullable(),
  agentId: z.string().nullable(),
  resolvedSiteId: z.string().nullable(),
  hidden: z.boolean(),
});
export type TruthRow = z.output<typeof ROW>;

/** Every visible activity of a SentinelOne account from `collectFrom` on. */
export async function readTruth(
  simulatorUrl: string,
  of: { readonly s1AccountId: string; readonly collectFrom: string },
): Promise<TruthRow[]> {
  const query = new URLSearchParams({ accountIds: of.s1AccountId, createdAt__gte: of.collectFrom, hidden: 'false' });
  const response = await fetch(`${simulatorUrl}/control/truth?${query.toString()}`);
  if (!response.ok) throw new Error(`the simulator gave no ground truth: ${response.status}`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => ROW.parse(JSON.parse(line)));
}

/** Where each activity is: an organization's id, or `discard`. An activity that is there twice counts twice. */
export interface Placed {
  readonly id: string;
  readonly place: string;
}

/** Where the truth's activities belong under a mapping. */
export function expectedPlaces(
  truth: readonly TruthRow[],
  mapping: { readonly organizationOf: ReadonlyMap<string, string>; readonly defaultOrganizationId: string },
): Placed[] {
  return truth.map((row) => {
    const id = row.id ?? '';
    const siteId = row.siteId ?? row.resolvedSiteId;
    if (siteId !== null) return { id, place: mapping.organizationOf.get(siteId) ?? 'discard' };
    return { id, place: row.agentId === null ? mapping.defaultOrganizationId : 'discard' };
  });
}

export async function storedPlaces(owner: Database, connectionId: string): Promise<Placed[]> {
  const { rows } = await sql<Placed>`
    select activity_id as id, organization_id::text as place from events where connection_id = ${connectionId}
    union all
    select activity_id, 'discard' from discards where connection_id = ${connectionId}`.execute(owner.kysely);
  return rows;
}

export interface Difference {
  readonly missing: number;
  readonly misplaced: number;
  readonly unexpected: number;
  readonly doubled: number;
}

export function difference(expected: readonly Placed[], stored: readonly Placed[]): Difference {
  const places = new Map(expected.map(({ id, place }) => [id, place]));
  const seen = new Set<string>();
  const counts = { missing: 0, misplaced: 0, unexpected: 0, doubled: 0 };
  for (const { id, place } of stored) {
    if (seen.has(id)) counts.doubled += 1;
    else if (!places.has(id)) counts.unexpected += 1;
    else if (places.get(id) !== place) counts.misplaced += 1;
    seen.add(id);
  }
  counts.missing = expected.filter(({ id }) => !seen.has(id)).length;
  return counts;
}

export const isEqual = ({ missing, misplaced, unexpected, doubled }: Difference): boolean =>
  missing + misplaced + unexpected + doubled === 0;

/** Rows by place, for the table at the end. */
export function countByPlace(rows: readonly Placed[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { place } of rows) counts.set(place, (counts.get(place) ?? 0) + 1);
  return counts;
}
