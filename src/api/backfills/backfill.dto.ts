import { z } from 'zod';
import { listOf } from '../http/list.dto.js';
import { id, instantIn, instantOut } from '../http/schemas.js';

export const backfillId = id.describe('Backfill id');
/** SentinelOne's are digits; what could not be stored is refused before it reaches a worker. */
const siteId = z.string().regex(/^[\x21-\x7e]{1,100}$/);

export const createBackfill = z
  .strictObject({
    from: instantIn.describe('Inclusive'),
    to: instantIn.describe('Exclusive; not in the future'),
    siteIds: z.array(siteId).min(1).max(1_000).optional().describe('By default everything'),
    acceptCurrentMapping: z
      .boolean()
      .default(false)
      .describe('File what was before a change of mapping as the mapping is now'),
  })
  .meta({ id: 'CreateBackfill' });
export type CreateBackfill = z.output<typeof createBackfill>;

const count = z.int().min(0);

export const backfill = z
  .object({
    id: backfillId,
    kind: z.enum(['history', 'requested', 'discarded']),
    from: instantOut,
    to: instantOut,
    siteIds: z.array(siteId).nullable().describe('null: everything'),
    state: z.enum(['queued', 'running', 'paused', 'cancelling', 'done', 'cancelled']),
    progress: z.object({
      percent: z.number().min(0).max(100).describe('Of the window, by time'),
      slicesDone: count,
      slices: count,
      secondsLeft: count.nullable().describe('null: too early to tell, or it does not run'),
    }),
    counts: z.object({
      stored: count,
      discarded: count,
      rejected: count,
      unavailable: count.describe('What SentinelOne no longer had'),
    }),
    failureCode: z.string().nullable(),
    nextTryAt: instantOut.nullable(),
    createdAt: instantOut,
    startedAt: instantOut.nullable(),
    finishedAt: instantOut.nullable(),
  })
  .meta({ id: 'Backfill' });
export const backfillList = listOf(backfill).meta({ id: 'BackfillList' });
export type BackfillView = z.output<typeof backfill>;
