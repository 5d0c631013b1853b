// Asks whether the token lives and when it expires. A dead token is an answer here, not a failure.
import { Context } from '@temporalio/activity';
import { markAccepted } from '../src/store/credential.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { isExpired } from './connection-session.js';
import type { Activities, TokenOutcome } from './contract.js';
import type { Deps } from './deps.js';
import { findExpiry } from './examine-token.js';
import { failureOf } from './failure.js';
import { withSession } from './upstream.js';

export const checkToken =
  (deps: Deps): Activities['checkToken'] =>
  (ref) => {
    const needs = { signal: Context.current().cancellationSignal };
    return withSession(
      deps,
      ref,
      { needs },
      async ({ credentialId, tokenExpiresAt, session }): Promise<TokenOutcome> => {
        try {
          await session.getSystemInfo();
        } catch (error) {
          if (failureOf(error).code !== 's1.token_rejected') throw error;
          const status = isExpired(tokenExpiresAt, session.consoleNowMicros()) ? 'expired' : 'rejected';
          return { credentialId, status, expiresAt: tokenExpiresAt };
        }
        const expiresAt = (await findExpiry(session)) ?? tokenExpiresAt;
        await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
          markAccepted(tenant, credentialId, expiresAt),
        );
        return { credentialId, status: 'alive', expiresAt };
      },
    );
  };
