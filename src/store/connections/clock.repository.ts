// What a connection's position owes to the console's clock. When the clock jumps, how far had been collected for sure
// is written down before anything moves by the new time; what then lies ahead of the console's time is pulled back.
import { sql } from 'kysely';
import { aheadOfConsole, CLOCK_STEP_MS } from '../../domain/collecting/console-time.js';
import { toInstant, toMicros } from '../../domain/instant.js';
import { liveCheckpoint } from '../collecting/checkpoint.repository.js';
import { pullBack } from '../collecting/pull-back.repository.js';
import type { Tenant } from '../tenant.js';

export interface ClockReading {
  /** Console time, in microseconds since 1970. */
  readonly nowMicros: number;
  /** The console's clock less ours. */
  readonly aheadMs: number;
  /** Before its latest jump it was right up to here, in microseconds; null when it is not known to have jumped. */
  readonly sureMicros: number | null;
}

/** Of damage of which nothing is on record. What a longer jump hid, the comparisons find. */
const UNKNOWN_JUMP_MICROS = 24 * 3600 * 1_000_000;
/** A jump this long ago has nothing to do with the next. */
const REMEMBERED_DAYS = 7;

export interface ClockFollowed {
  readonly jumped: boolean;
  /** Where the connection stands was set back. */
  readonly pulledBack: boolean;
  readonly collectedThrough: string | null;
}

export async function followClock(tenant: Tenant, connectionId: string, reading: ClockReading): Promise<ClockFollowed> {
  const before = await stateOf(tenant, connectionId);
  const { collectedThrough } = before;
  const jumpMs = reading.aheadMs - before.consoleAheadMs;
  const jumped = collectedThrough !== null && Math.abs(jumpMs) > CLOCK_STEP_MS;
  if (jumped) await recordJump(tenant, connectionId, { ...reading, jumpMs });
  const { watermark } = await liveCheckpoint(tenant, connectionId);
  const position = { watermark, collectedThrough };
  if (!aheadOfConsole(position, reading.nowMicros)) return { jumped, pulledBack: false, collectedThrough };
  const { clockSureThrough } = await stateOf(tenant, connectionId);
  const sure = clockSureThrough === null ? reading.nowMicros - UNKNOWN_JUMP_MICROS : toMicros(clockSureThrough);
  const through = toInstant(Math.min(sure, reading.nowMicros));
  await pullBack(tenant, connectionId, { through, comparedSince: null });
  await update(tenant, connectionId).set({ clockSureThrough: null }).execute();
  return { jumped, pulledBack: true, collectedThrough: (await stateOf(tenant, connectionId)).collectedThrough };
}

/** Of several jumps the earliest sure instant counts: a clock that went and came back was wrong in between. */
async function recordJump(
  tenant: Tenant,
  connectionId: string,
  { aheadMs, jumpMs, sureMicros }: ClockReading & { readonly jumpMs: number },
): Promise<void> {
  const sure = sureMicros === null ? null : toInstant(sureMicros);
  await update(tenant, connectionId)
    .set({
      clockSureThrough: sql`least(collected_through, ${sure}::timestamptz,
        case when clock_jumped_at > now() - ${REMEMBERED_DAYS} * interval '1 day' then clock_sure_through end)`,
      clockJumpedAt: sql`now()`,
      clockJumpMs: jumpMs,
      consoleAheadMs: aheadMs,
    })
    .execute();
}

const stateOf = (tenant: Tenant, connectionId: string) =>
  tenant.db
    .selectFrom('connections')
    .select(['collectedThrough', 'consoleAheadMs', 'clockSureThrough'])
    .where('accountId', '=', tenant.accountId)
    .where('id', '=', connectionId)
    .executeTakeFirstOrThrow();

function update(tenant: Tenant, connectionId: string) {
  return tenant.db.updateTable('connections').where('accountId', '=', tenant.accountId).where('id', '=', connectionId);
}
