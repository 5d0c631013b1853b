// A connection's row with a session to its console under its current token. The token is decrypted here and nowhere
// else.
import { LIVE } from '../../src/domain/connection/connection-state.js';
import { toMicros } from '../../src/domain/instant.js';
import type { Secret } from '../../src/domain/secret.js';
import type { SentinelOneSession } from '../../src/sentinelone/client.js';
import type { KnownClock } from '../../src/sentinelone/http/console-clock.js';
import { type ConnectionRow, findConnection } from '../../src/store/connections/connection.repository.js';
import { findConnectionWithToken } from '../../src/store/connections/credential.repository.js';
import { ConnectionGone, TokenGone } from '../../src/store/errors.js';
import { withTenant } from '../../src/store/tenant.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';

export interface ConnectionSession {
  readonly connection: ConnectionRow;
  readonly credentialId: string;
  /** By the console's clock; null when SentinelOne did not say. */
  readonly tokenExpiresAt: string | null;
  readonly session: SentinelOneSession;
  readonly token: Secret;
}

export interface SessionNeeds {
  /** Part of the `/activities` pace: 0.2 for live polling, 0.7 for a backfill; the rest is for counts and checks. */
  readonly share?: number;
  readonly signal?: AbortSignal;
  readonly totalTimeoutMs?: number;
  /** For what is tried again soon: gives up a console that is silent for 15 s. */
  readonly impatient?: boolean;
  /** Another credential of this connection than the current one. */
  readonly credentialId?: string;
}

export const LIVE_SHARE = 0.2;
export const BACKFILL_SHARE = 0.7;
/** Counting, and reading again what a count says is missing. Together the three make up the whole pace. */
export const CHECK_SHARE = 0.1;

/** A token that is being tried: nothing is collected with it yet, and nothing of what is must come before a verdict. */
export const TRIAL_SHARE = 1;

/**
 * Throws `ConnectionGone` when the connection has ended or never existed in this account, `TokenGone` when it lives
 * without a token.
 */
export async function openSession(
  deps: Deps,
  ref: ConnectionRef,
  needs: SessionNeeds = {},
): Promise<ConnectionSession> {
  const found = await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
    findConnectionWithToken(tenant, ref.connectionId, needs.credentialId ?? null),
  );
  if (found === undefined) throw await whyNotFound(deps, ref, needs);
  const { connection, credential } = found;
  const token = await deps.cipher.decrypt(credential.tokenJwe, ref);
  const { share, signal, totalTimeoutMs, impatient } = needs;
  const session = deps.sentinelOne.session({
    origin: connection.consoleUrl,
    token,
    knownClock: knownClockOf(connection),
    ...(share === undefined ? {} : { share }),
    ...(signal === undefined ? {} : { signal }),
    ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
    ...(impatient === undefined ? {} : { impatient }),
  });
  return { connection, credentialId: credential.id, tokenExpiresAt: credential.expiresAt, session, token };
}

/** The console's clock as the latest poll went by it, in whichever process. */
function knownClockOf({ collectedThrough, lastPollAt, consoleAheadMs }: ConnectionRow): KnownClock | undefined {
  if (collectedThrough === null || lastPollAt === null) return undefined;
  return { aheadMs: consoleAheadMs, atMs: Date.parse(lastPollAt) };
}

async function whyNotFound(deps: Deps, ref: ConnectionRef, needs: SessionNeeds): Promise<Error> {
  const connection = await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
    findConnection(tenant, ref.connectionId),
  );
  const isItsOwn = needs.credentialId === undefined;
  const lives = connection !== undefined && LIVE.includes(connection.state);
  if (isItsOwn && lives && connection.credentialId !== null) return new TokenGone(connection.credentialId);
  return new ConnectionGone('no such connection, or no token');
}

/** What validation wrote; a connection without it was never accepted and nothing may be collected for it. */
export function acceptedFacts(connection: ConnectionRow): { s1AccountId: string; collectFromMicros: number } {
  const { s1AccountId, collectFrom } = connection;
  if (s1AccountId === null || collectFrom === null) throw new ConnectionGone('the connection was never accepted');
  return { s1AccountId, collectFromMicros: toMicros(collectFrom) };
}

/** Whether a rejected token had simply run out, by the console's clock. */
export const isExpired = (tokenExpiresAt: string | null, consoleNowMicros: number): boolean =>
  tokenExpiresAt !== null && toMicros(tokenExpiresAt) <= consoleNowMicros;
