// All checks of a new connection, in the order in which a person would mend what they find: address, reachable, token,
// account scope, permissions, syslog in use, already connected. What it learns is written down, also when it refuses.
import { Context } from '@temporalio/activity';
import { parseConsoleAddress } from '../src/domain/console-address.js';
import { missingPermissions } from '../src/domain/permissions.js';
import { toInstant } from '../src/domain/instant.js';
import { expiryOfJwt } from '../src/domain/jwt-expiry.js';
import type { SentinelOneSession } from '../src/sentinelone/client.js';
import { acceptConnection, findConnection, savePermissions } from '../src/store/connection.repository.js';
import { markAccepted } from '../src/store/credential.repository.js';
import { addMappingHistory } from '../src/store/mapping.repository.js';
import { isUniqueViolation } from '../src/store/pg-errors.js';
import { syncSites } from '../src/store/site.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { examine, findExpiry, findScope, ScopeUnreadable, twice } from './examine-token.js';
import type { Examination, TokenScope } from './examine-token.js';
import type { ConnectionSession } from './connection-session.js';
import type { Activities, Command, Verdict } from './contract.js';
import type { Deps } from './deps.js';
import { applicationFailure, describeError, failureOf, isCancellation, Refused } from './failure.js';
import { openSession } from './connection-session.js';

/** Of the eight seconds that all checks have together. */
const EXCHANGE_TIMEOUT_MS = 3_000;

export const validateConnection =
  (deps: Deps): Activities['validateConnection'] =>
  async (input) => {
    const signal = Context.current().cancellationSignal;
    try {
      const upstream = await openSession(deps, input, { signal, totalTimeoutMs: EXCHANGE_TIMEOUT_MS });
      return await validate(deps, input, upstream);
    } catch (error) {
      if (isCancellation(error)) throw error;
      return refusal(deps, input, error);
    }
  };

/** What SentinelOne says is a verdict. What our own store says is not: the attempt fails and is tried again. */
function refusal(deps: Deps, { accountId, connectionId }: Command, error: unknown): Verdict {
  const { code } = failureOf(error);
  if (code === 'internal') {
    deps.log.error({ accountId, connectionId, ...describeError(error) }, 'an activity failed unexpectedly');
  }
  if (code === 'internal' || code.startsWith('store.')) throw applicationFailure(code);
  return { verdict: 'refused', code };
}

async function validate(deps: Deps, input: Command, upstream: ConnectionSession): Promise<Verdict> {
  const { session, connection, credentialId } = upstream;
  if (!parseConsoleAddress(connection.consoleUrl, deps.allowedOrigins).ok) throw new Refused('s1.address_refused');
  await twice(() => session.getSystemInfo()).catch((error: unknown) => refuseDeadToken(deps, input, upstream, error));
  const scope = await scopeOf(deps, input, session);
  const tokenExpiresAt = await twice(() => findExpiry(session));
  const examination = await examine(session, scope);
  await withTenant(deps.database, input.accountId, 'all', (tenant) =>
    savePermissions(tenant, input.connectionId, examination.permissions),
  );
  if (missingPermissions(examination.permissions).length > 0) throw new Refused('s1.permission_missing');
  if (examination.syslogEnabled === true) throw new Refused('s1.syslog_in_use');
  await accept(deps, input, { upstream, scope, examination, tokenExpiresAt });
  return { verdict: 'accepted', credentialId, tokenExpiresAt };
}

/** The checklist is what a refusal for permissions is explained with, so it is kept also when the scope stayed hidden. */
async function scopeOf(
  deps: Deps,
  { accountId, connectionId }: Command,
  session: SentinelOneSession,
): Promise<TokenScope> {
  try {
    return await findScope(session);
  } catch (error) {
    if (error instanceof ScopeUnreadable) {
      await withTenant(deps.database, accountId, 'all', (tenant) =>
        savePermissions(tenant, connectionId, error.permissions),
      );
    }
    throw error;
  }
}

/** A dead token cannot be asked when it died, but one in JWT form says so itself: good enough for the words of a refusal. */
async function refuseDeadToken(
  deps: Deps,
  input: Command,
  upstream: ConnectionSession,
  error: unknown,
): Promise<never> {
  if (failureOf(error).code !== 's1.token_rejected') throw error;
  const expiresAtMicros = expiryOfJwt(upstream.token.reveal());
  if (expiresAtMicros === null || expiresAtMicros > upstream.session.consoleNowMicros()) throw error;
  await withTenant(deps.database, input.accountId, 'all', (tenant) =>
    markAccepted(tenant, upstream.credentialId, toInstant(expiresAtMicros)),
  );
  throw new Refused('s1.token_expired');
}

interface Accepted {
  readonly upstream: ConnectionSession;
  readonly scope: TokenScope;
  readonly examination: Examination;
  readonly tokenExpiresAt: string | null;
}

/** A second attempt finds its own acceptance and writes the same. */
async function accept(deps: Deps, input: Command, accepted: Accepted): Promise<void> {
  const { upstream, scope, examination, tokenExpiresAt } = accepted;
  const { accountId, connectionId, commandId } = input;
  const collectFrom = toInstant(upstream.session.consoleNowMicros());
  try {
    await withTenant(deps.database, accountId, 'all', async (tenant) => {
      const before = await findConnection(tenant, connectionId);
      const { s1AccountId, s1AccountName } = scope;
      await acceptConnection(tenant, connectionId, { s1AccountId, s1AccountName, collectFrom });
      await markAccepted(tenant, upstream.credentialId, tokenExpiresAt);
      await syncSites(tenant, connectionId, examination.sites ?? []);
      if (before?.s1AccountId != null) return;
      const organizationId = upstream.connection.defaultOrganizationId;
      await addMappingHistory(tenant, [{ connectionId, version: 0, siteId: null, organizationId, commandId }]);
    });
  } catch (error) {
    if (isUniqueViolation(error, 'connections_one_live_per_console_account')) throw new Refused('s1.already_connected');
    throw error;
  }
}
