// Whether a connection's token still sees the whole account that it was accepted for. One request, two where the user
// may not be read. What is found is written down: from the moment at which a narrower scope is found, nothing claims to
// be collected or compared since it was last known to be right.
import { MICROS_PER_MS, toInstant } from '../../src/domain/instant.js';
import type { SentinelOneSession } from '../../src/sentinelone/client.js';
import { SentinelOneError } from '../../src/sentinelone/sentinelone-error.js';
import { confirmScope, loseScope } from '../../src/store/connections/scope.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import { acceptedFacts, type ConnectionSession } from '../attempt/connection-session.js';
import { Refused } from '../attempt/failure.js';
import { connectionChanged } from '../attempt/refresh-notices.js';
import type { ConnectionRef, TokenOutcome } from '../contract.js';
import type { Deps } from '../deps.js';
import { findScope, ScopeUnreadable } from './examine-token.js';

export type Scope = NonNullable<TokenOutcome['scope']>;

/** Our clock and the console's. */
export interface Moment {
  readonly at: string;
  readonly consoleAt: string;
}

/** Taken before the question, because of what came after it the answer says nothing. */
export const momentOf = (session: Pick<SentinelOneSession, 'consoleNowMicros'>): Moment => ({
  at: toInstant(Date.now() * MICROS_PER_MS),
  consoleAt: toInstant(session.consoleNowMicros()),
});

/** `unknown` when nobody could say: only an answer is evidence. A rejected token is thrown as such. */
export async function lookAtScope(
  deps: Deps,
  ref: ConnectionRef,
  { connection, session }: Pick<ConnectionSession, 'connection' | 'session'>,
): Promise<Scope> {
  const seen = momentOf(session);
  const scope = await ask(session, acceptedFacts(connection).s1AccountId);
  const asTenant = <T>(work: Parameters<typeof withTenant<T>>[3]) =>
    withTenant(deps.database, ref.accountId, 'all', work);
  if (scope === 'whole') await asTenant((tenant) => confirmScope(tenant, ref.connectionId, seen));
  if (scope === 'other' && (await asTenant((tenant) => loseScope(tenant, ref.connectionId)))) {
    deps.log.warn({ ...ref, lastWholeAt: connection.scopeConfirmedAt }, 'the token no longer sees the whole account');
    await connectionChanged(deps, ref);
  }
  return scope;
}

/** Throws `s1.scope_changed`. Otherwise says whether the token is known to see everything. */
export async function requireScope(
  deps: Deps,
  ref: ConnectionRef,
  opened: Pick<ConnectionSession, 'connection' | 'session'>,
): Promise<Exclude<Scope, 'other'>> {
  const scope = await lookAtScope(deps, ref, opened);
  if (scope === 'other') throw new Refused('s1.scope_changed');
  return scope;
}

async function ask(session: SentinelOneSession, s1AccountId: string): Promise<Scope> {
  try {
    return (await findScope(session)).s1AccountId === s1AccountId ? 'whole' : 'other';
  } catch (error) {
    if (error instanceof ScopeUnreadable) return 'unknown';
    if (error instanceof Refused) return 'other';
    if (error instanceof SentinelOneError && error.code !== 's1.token_rejected') return 'unknown';
    throw error;
  }
}
