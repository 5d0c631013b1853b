// What can be learned of a token by asking: whether it lives, which SentinelOne account it belongs to, when it expires,
// which permissions it has by effect. Reads only. Validation of a new connection, token rotation and re-checks all ask
// here.
import {
  checkPermissions,
  type PermissionCheck,
  type PermissionEffects,
  type RolePage,
} from '../../src/domain/connection/permissions.js';
import { FAILURES } from '../../src/domain/failures/failures.js';
import { MICROS_PER_MINUTE, toInstant } from '../../src/domain/instant.js';
import { effectOf } from '../../src/sentinelone/calls/permission-effects.js';
import type { SentinelOneSite, SentinelOneUser } from '../../src/sentinelone/calls/shapes.js';
import type { SentinelOneSession } from '../../src/sentinelone/client.js';
import { SentinelOneError } from '../../src/sentinelone/sentinelone-error.js';
import { Refused } from '../attempt/failure.js';

/** Too much is refused to find out whose the token is; the checklist says what, as far as it got. */
export class ScopeUnreadable extends Refused {
  constructor(readonly permissions: readonly PermissionCheck[]) {
    super('s1.permission_missing');
  }
}

export interface TokenScope {
  readonly s1AccountId: string;
  readonly s1AccountName: string | null;
  readonly effects: PermissionEffects;
  readonly roleId: string | null;
}

/** Runs a check a second time when the first try failed for a passing reason: one lost packet is no verdict. */
export async function twice<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof SentinelOneError) || !FAILURES[error.code].retryable) throw error;
    return check();
  }
}

/**
 * The one SentinelOne account the token is for. Throws `s1.not_account_scope` when its scope is another or several,
 * `ScopeUnreadable` when it may not be asked.
 */
export async function findScope(session: SentinelOneSession): Promise<TokenScope> {
  const { effects, value: user } = await twice(() => effectOf('user', () => session.getUser()));
  const accounts = await twice(() => effectOf('accounts', () => session.listAccounts()));
  const known = { ...effects, ...accounts.effects };
  if (user !== null) {
    const scope = accountScopeOf(user);
    const named = accounts.value?.find((account) => account.id === scope.id);
    return { s1AccountId: scope.id, s1AccountName: named?.name ?? scope.name, effects: known, roleId: scope.roleId };
  }
  // Without `Users (View)` the scope shows in what the token sees: an account-level token sees one account.
  const [only, ...others] = accounts.value ?? [];
  if (accounts.value === null) throw new ScopeUnreadable(checkPermissions({ effects: known, rolePages: null }));
  if (only === undefined || others.length > 0) throw new Refused('s1.not_account_scope');
  return { s1AccountId: only.id, s1AccountName: only.name, effects: known, roleId: null };
}

function accountScopeOf(user: SentinelOneUser): { id: string; name: string | null; roleId: string | null } {
  const [role, ...others] = user.scopeRoles;
  if (user.scope !== 'account' || role?.id == null || others.length > 0) throw new Refused('s1.not_account_scope');
  return { id: role.id, name: role.name, roleId: role.roleId };
}

export interface Examination {
  readonly permissions: readonly PermissionCheck[];
  /** Null when the token may not see it. */
  readonly syslogEnabled: boolean | null;
  /** Null when the token may not list them. */
  readonly sites: readonly SentinelOneSite[] | null;
}

/**
 * Every View permission by calling what needs it, side by side; Edit and Create by what the role says, where it can be
 * read.
 */
export async function examine(session: SentinelOneSession, scope: TokenScope): Promise<Examination> {
  const { s1AccountId } = scope;
  const createdAtGte = toInstant(session.consoleNowMicros() - MICROS_PER_MINUTE);
  const [activities, sites, agents, syslog, notifications, role] = await Promise.all([
    twice(() => effectOf('activities', () => session.countActivities({ accountId: s1AccountId, createdAtGte }))),
    twice(() => effectOf('sites', () => session.listSites(s1AccountId))),
    twice(() => effectOf('agents/count', () => session.countAgents(s1AccountId))),
    twice(() => effectOf('settings/syslog', () => session.getSyslogSettings(s1AccountId))),
    twice(() => effectOf('settings/notifications', () => session.getNotificationSettings(s1AccountId))),
    readRole(session, scope.roleId),
  ]);
  const effects = Object.assign(
    {},
    ...[scope, activities, sites, agents, syslog, notifications, role].map((each) => each.effects),
  ) as PermissionEffects;
  return {
    permissions: checkPermissions({ effects, rolePages: role.pages }),
    syslogEnabled: syslog.value?.enabled ?? null,
    sites: sites.value,
  };
}

async function readRole(
  session: SentinelOneSession,
  roleId: string | null,
): Promise<{ effects: PermissionEffects; pages: readonly RolePage[] | null }> {
  if (roleId === null) return { effects: {}, pages: null };
  const { effects, value } = await twice(() => effectOf('rbac/role', () => session.getRole(roleId)));
  return { effects, pages: value?.pages ?? null };
}

/**
 * When the token expires, or null when SentinelOne does not say: knowing it is a courtesy, so a refusal is no failure.
 */
export async function findExpiry(session: SentinelOneSession): Promise<string | null> {
  try {
    return (await session.getTokenDetails()).expiresAt;
  } catch (error) {
    const isAnswer = error instanceof SentinelOneError && error.status !== null && error.status < 500;
    if (!isAnswer || error.code === 's1.token_rejected' || error.code === 's1.rate_limited') throw error;
    return null;
  }
}
