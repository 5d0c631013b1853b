// Whether both sides hold the same activities: every id of the window, ours beside dlt's.
import type { Window } from '../../src/domain/collecting/windows.js';
import { toInstant } from '../../src/domain/instant.js';
import { onDatabase } from '../ingest/collect-history.js';

export interface Comparison {
  readonly inBoth: number;
  readonly onlyOurs: number;
  readonly onlyTheirs: number;
  /** Rows of dlt's whose id another row of it has as well. */
  readonly doubled: number;
}

/** Ours are events and discards: a discarded activity is remembered by its id. */
export async function compareIds(databaseUrl: string, dataset: string, window: Window): Promise<Comparison> {
  const within = (column: string) =>
    `${column} >= '${toInstant(window.fromMicros)}' and ${column} < '${toInstant(window.toMicros)}'`;
  const [row] = await onDatabase(
    databaseUrl,
    `with ours as (select activity_id as id from events where ${within('occurred_at')}
                   union select activity_id from discards where ${within('occurred_at')}),
          theirs as (select id, count(*) as times from ${dataset}.activities where ${within('created_at')} group by id)
     select (count(*) filter (where ours.id is not null and theirs.id is not null))::int as in_both,
            (count(*) filter (where theirs.id is null))::int as only_ours,
            (count(*) filter (where ours.id is null))::int as only_theirs,
            coalesce(sum(times - 1), 0)::int as doubled
       from ours full join theirs on ours.id = theirs.id collate "C"`,
  );
  const count = (column: string) => Number(row?.[column]);
  return {
    inBoth: count('in_both'),
    onlyOurs: count('only_ours'),
    onlyTheirs: count('only_theirs'),
    doubled: count('doubled'),
  };
}
