// All checks of a new connection, in the order in which a person would mend what they find: address, reachable, token,
// account scope, already connected, permissions, syslog in use. What it learns is written down, also when it refuses.
import { Context } from '@temporalio/activity';
import { parseConsoleAddress } from '../src/domain/connection/console-address.js';
import { expiryOfJwt } from '../src/domain/connection/jwt-expiry.js';
import { missingPermissions } from '../src/domain/connection/permissions.js';
import { toInstant } from '../src/domain/instant.js';
import { SentinelOneError } from '../src/sentinelone/sentinelone-error.js';
import {
  acceptConnection,
  findConnection,
  isConnectedAlready,
  savePermissions,
} from '../src/store/connections/connection.repository.js';
import { markAccepted } from '../src/store/connections/credential.repository.js';
import { addMappingHistory } from '../src/store/connections/mapping.repository.js';
import { confirmScope } from '../src/store/connections/scope.repository.js';
import { syncSites } from '../src/store/connections/site.repository.js';
import { isUniqueViolation } from '../src/store/pg-errors.js';
import { withTenant } from '../src/store/tenant.js';
import { type ConnectionSession, openSession, TRIAL_SHARE } from './attempt/connection-session.js';
import { applicationFailure, describeError, failureOf, isCancellation, Refused } from './attempt/failure.js';
import type { Activities, Command, Verdict } from './contract.js';
import type { Deps } from './deps.js';
import { ScopeUnreadable, type TokenScope } from './tokens/examine-token.js';
import { type Moment, momentOf } from './tokens/look-at-scope.js';
import { createSharedExamination, type SharedExamination, type TokenFacts } from './tokens/shared-examination.js';

/** Of the eight seconds that the workflow gives all checks together: it ends by itself, and says what it waited for. */
const ALL_CHECKS_MS = 7_000;
const EXCHANGE_TIMEOUT_MS = 3_000;

export const validateConnection = (deps: Deps): Activities['validateConnection'] => {
  const examination = createSharedExamination();
  return async (input) => {
    const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(ALL_CHECKS_MS)]);
    try {
      const needs = { signal, share: TRIAL_SHARE, totalTimeoutMs: EXCHANGE_TIMEOUT_MS };
      return await validate(deps, input, { examination, ...(await openSession(deps, input, needs)) });
    } catch (error) {
      if (isCancellation(error)) throw error;
      return refusal(deps, input, error);
    }
  };
};

/** What SentinelOne says is a verdict. What our own store says is not: the attempt fails and is tried again. */
function refusal(deps: Deps, { accountId, connectionId }: Command, error: unknown): Verdict {
  const code = isOwnPace(error) ? 'command_expired' : failureOf(error).code;
  if (code === 'internal') {
    deps.log.error({ accountId, connectionId, ...describeError(error) }, 'an activity failed unexpectedly');
  }
  if (code === 'internal' || code.startsWith('store.')) throw applicationFailure(code);
  return { verdict: 'refused', code };
}

/** The time ran out while a request waited for its turn: nobody asked the console, so nothing is said of it. */
const isOwnPace = (error: unknown): boolean =>
  error instanceof SentinelOneError && error.code === 's1.rate_limited' && error.status === null;

interface Validation extends ConnectionSession {
  readonly examination: SharedExamination;
}

async function validate(deps: Deps, input: Command, opened: Validation): Promise<Verdict> {
  const { examination, connection, credentialId } = opened;
  const { accountId, connectionId } = input;
  if (!parseConsoleAddress(connection.consoleUrl, deps.allowedOrigins).ok) throw new Refused('s1.address_refused');
  const seen = momentOf(opened.session);
  const scope = await scopeOf(deps, input, opened);
  // Asked once more by the unique index; here it spares everybody the other requests.
  const { s1AccountId } = scope;
  const isTaken = await withTenant(deps.database, accountId, 'all', (tenant) =>
    isConnectedAlready(tenant, { connectionId, s1AccountId }),
  );
  if (isTaken) throw new Refused('s1.already_connected');
  const facts = await examination.learn(opened, scope);
  await withTenant(deps.database, accountId, 'all', (tenant) =>
    savePermissions(tenant, connectionId, facts.permissions),
  );
  if (missingPermissions(facts.permissions).length > 0) throw new Refused('s1.permission_missing');
  if (facts.syslogEnabled === true) throw new Refused('s1.syslog_in_use');
  await accept(deps, input, { opened, scope, facts, seen });
  return { verdict: 'accepted', credentialId, tokenExpiresAt: facts.tokenExpiresAt };
}

/**
 * The checklist is what a refusal for permissions is explained with, so it is kept also when the scope stayed hidden.
 */
async function scopeOf(deps: Deps, input: Command, opened: Validation): Promise<TokenScope> {
  const { accountId, connectionId } = input;
  try {
    return await opened.examination.identify(opened);
  } catch (error) {
    if (error instanceof ScopeUnreadable) {
      await withTenant(deps.database, accountId, 'all', (tenant) =>
        savePermissions(tenant, connectionId, error.permissions),
      );
    }
    return refuseDeadToken(deps, input, opened, error);
  }
}

/**
 * A dead token cannot be asked when it died, but one in JWT form says so itself: good enough for the words of a
 * refusal.
 */
async function refuseDeadToken(deps: Deps, input: Command, opened: ConnectionSession, error: unknown): Promise<never> {
  if (failureOf(error).code !== 's1.token_rejected') throw error;
  const expiresAtMicros = expiryOfJwt(opened.token.reveal());
  if (expiresAtMicros === null || expiresAtMicros > opened.session.consoleNowMicros()) throw error;
  await withTenant(deps.database, input.accountId, 'all', (tenant) =>
    markAccepted(tenant, opened.credentialId, toInstant(expiresAtMicros)),
  );
  throw new Refused('s1.token_expired');
}

interface Accepted {
  readonly opened: ConnectionSession;
  readonly scope: TokenScope;
  readonly facts: TokenFacts;
  /** When the scope was asked for. */
  readonly seen: Moment;
}

/** A second attempt finds its own acceptance and writes the same. What was given up meanwhile is refused. */
async function accept(deps: Deps, input: Command, accepted: Accepted): Promise<void> {
  const { opened, scope, facts, seen } = accepted;
  const { accountId, connectionId, commandId } = input;
  const collectFrom = toInstant(opened.session.consoleNowMicros());
  try {
    await withTenant(deps.database, accountId, 'all', async (tenant) => {
      const before = await findConnection(tenant, connectionId);
      const { s1AccountId, s1AccountName } = scope;
      const inTime = await acceptConnection(tenant, connectionId, { s1AccountId, s1AccountName, collectFrom });
      if (!inTime) throw new Refused('command_expired');
      const isThere = await markAccepted(tenant, opened.credentialId, facts.tokenExpiresAt);
      if (!isThere) throw new Refused('unknown_credential');
      await confirmScope(tenant, connectionId, seen);
      await syncSites(tenant, connectionId, facts.sites ?? []);
      if (before?.s1AccountId != null) return;
      const organizationId = opened.connection.defaultOrganizationId;
      await addMappingHistory(tenant, [{ connectionId, version: 0, siteId: null, organizationId, commandId }]);
    });
  } catch (error) {
    if (isUniqueViolation(error, 'connections_one_live_per_console_account')) throw new Refused('s1.already_connected');
    throw error;
  }
}
