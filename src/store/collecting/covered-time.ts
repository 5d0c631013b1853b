// How much of a backfill's window has been read, in milliseconds of it: each slice up to its watermark.
import { sql } from 'kysely';

/**
 * Aggregates rows of `checkpoints` that are called `slice`; those without a window add nothing. A slice that was not begun
 * has no watermark, which `least` and `greatest` would pass over.
 */
export const coveredMs = () => sql<number>`
  coalesce(sum(extract(epoch from case when slice.done_at is not null then slice.to_at
    else greatest(slice.from_at, least(slice.to_at, coalesce(slice.watermark, slice.from_at))) end - slice.from_at) * 1000), 0)::float8`;
