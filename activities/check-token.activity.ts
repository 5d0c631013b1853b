// Asks whether the token lives and when it expires. A dead token is an answer here, not a failure.
import { effectOf } from '../src/sentinelone/calls/permission-effects.js';
import type { SentinelOneSession } from '../src/sentinelone/client.js';
import { SentinelOneError } from '../src/sentinelone/sentinelone-error.js';
import { saveSyslogTaken } from '../src/store/connections/connection.repository.js';
import { markAccepted } from '../src/store/connections/credential.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { isExpired } from './attempt/connection-session.js';
import { failureOf } from './attempt/failure.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { withSession } from './attempt/with-session.js';
import type { Activities, TokenOutcome } from './contract.js';
import type { Deps } from './deps.js';
import { findExpiry } from './tokens/examine-token.js';
import { lookAtScope } from './tokens/look-at-scope.js';

export const checkToken =
  (deps: Deps): Activities['checkToken'] =>
  (ref) =>
    withHeartbeat((signal) =>
      withSession(deps, ref, { needs: { signal } }, async (opened): Promise<TokenOutcome> => {
        const { connection, credentialId, tokenExpiresAt, session } = opened;
        const { stateSeq } = connection;
        try {
          await session.getSystemInfo();
        } catch (error) {
          if (failureOf(error).code !== 's1.token_rejected') throw error;
          const status = isExpired(tokenExpiresAt, session.consoleNowMicros()) ? 'expired' : 'rejected';
          return { credentialId, stateSeq, status, expiresAt: tokenExpiresAt };
        }
        const scope = await lookAtScope(deps, ref, opened);
        const expiresAt = (await findExpiry(session)) ?? tokenExpiresAt;
        const syslogTaken = await isSyslogTaken(session, connection.s1AccountId);
        await withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
          await markAccepted(tenant, credentialId, expiresAt);
          if (syslogTaken !== undefined) await saveSyslogTaken(tenant, ref.connectionId, syslogTaken);
        });
        await connectionChanged(deps, ref);
        return { credentialId, stateSeq, status: 'alive', expiresAt, scope };
      }),
    );

/**
 * Looked at with the token, once a day. Undefined when it could not be asked now; that is no answer about the token.
 */
async function isSyslogTaken(
  session: SentinelOneSession,
  s1AccountId: string | null,
): Promise<boolean | null | undefined> {
  if (s1AccountId === null) return undefined;
  try {
    const { value } = await effectOf('settings/syslog', () => session.getSyslogSettings(s1AccountId));
    return value?.enabled ?? null;
  } catch (error) {
    if (error instanceof SentinelOneError) return undefined;
    throw error;
  }
}
