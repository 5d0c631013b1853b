// Takes back what was believed while something was wrong: a token that saw less than its account, a console's clock
// that ran ahead. Collecting goes on from the last instant that is sure. What is held already is only looked up again.
import { sql } from 'kysely';
import type { Tenant } from '../tenant.js';
import { LIVE_SLICE } from './checkpoint.repository.js';

export interface PullBack {
  /** Console time: collected for sure up to here. */
  readonly through: string;
  /** Our clock: comparisons made since then are void, whatever they compared; null: only those of later windows. */
  readonly comparedSince: string | null;
}

/**
 * Sets the live position back to `through` where it is later, and has everything compared again that was compared since
 * then. A poll under way loses its checkpoint and with it whatever it would have said.
 */
export async function pullBack(tenant: Tenant, connectionId: string, back: PullBack): Promise<void> {
  const { accountId } = tenant;
  const { through, comparedSince } = back;
  await sql`
    update checkpoints
       set version = version + 1,
           watermark = case when watermark > ${through}::timestamptz then ${through}::timestamptz else watermark end
     where account_id = ${accountId} and connection_id = ${connectionId} and kind = 'live' and slice = ${LIVE_SLICE}`.execute(
    tenant.db,
  );
  await sql`
    update connections set collected_through = ${through}::timestamptz
     where account_id = ${accountId} and id = ${connectionId} and collected_through > ${through}::timestamptz`.execute(
    tenant.db,
  );
  await sql`
    update completeness_checks
       set stage = 0, state = 'waiting', cause = null, through_at = null, short_since = null, theirs = null, ours = null,
           checked_at = null
     where account_id = ${accountId} and connection_id = ${connectionId} and state <> 'waiting'
       and (to_at > ${through}::timestamptz or through_at > ${through}::timestamptz
            or checked_at >= ${comparedSince}::timestamptz)`.execute(tenant.db);
}
