// Before a poll goes by the console's time: what that time makes of where the connection stands.
import { MICROS_PER_MS } from '../../src/domain/instant.js';
import type { SentinelOneSession } from '../../src/sentinelone/client.js';
import { followClock } from '../../src/store/connections/clock.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import type { ConnectionSession } from '../attempt/connection-session.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';

export interface ConsoleTime {
  readonly collectedThrough: string | null;
  /** The console's clock less ours, as this poll goes by it. */
  readonly consoleAheadMs: number;
  /** The clock has jumped since the latest poll, or something was ahead of it. */
  readonly isNews: boolean;
}

export async function followConsoleClock(
  deps: Deps,
  ref: ConnectionRef,
  { session }: Pick<ConnectionSession, 'session'>,
): Promise<ConsoleTime> {
  const nowMicros = session.consoleNowMicros();
  const consoleAheadMs = Math.round(nowMicros / MICROS_PER_MS) - Date.now();
  const reading = { nowMicros, aheadMs: consoleAheadMs, sureMicros: session.clockSureMicros() };
  const followed = await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
    followClock(tenant, ref.connectionId, reading),
  );
  const { collectedThrough, jumped, pulledBack } = followed;
  if (jumped) deps.log.warn({ ...ref, consoleAheadMs }, 'the console’s clock has jumped');
  if (pulledBack)
    deps.log.warn({ ...ref, collectedThrough }, 'was ahead of the console’s time and goes on from what is sure');
  return { collectedThrough, consoleAheadMs, isNews: jumped || pulledBack };
}

/** Of two clocks the one that lets fewer rows be too old. */
export const earliestNowMicros = (session: Pick<SentinelOneSession, 'consoleNowMicros'>): number =>
  Math.min(session.consoleNowMicros(), Date.now() * MICROS_PER_MS);
