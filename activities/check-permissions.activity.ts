// The permission checklist, made again: on demand, after a 403, and while a missing permission pauses the connection.
import { Context } from '@temporalio/activity';
import { missingPermissions, type PermissionCheck } from '../src/domain/permissions.js';
import type { SentinelOneSession } from '../src/sentinelone/client.js';
import { savePermissions } from '../src/store/connection.repository.js';
import { withTenant } from '../src/store/tenant.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';
import { examine, findScope, ScopeUnreadable } from './examine-token.js';
import { withSession } from './upstream.js';

export const checkPermissions =
  (deps: Deps): Activities['checkPermissions'] =>
  (ref) => {
    const needs = { signal: Context.current().cancellationSignal };
    return withSession(deps, ref, { needs }, async ({ credentialId, session }) => {
      const permissions = await checklistOf(session);
      await withTenant(deps.database, ref.accountId, 'all', (tenant) =>
        savePermissions(tenant, ref.connectionId, permissions),
      );
      return { credentialId, granted: missingPermissions(permissions).length === 0 };
    });
  };

/** Being refused everything is an answer too, as long as the token lives. */
async function checklistOf(session: SentinelOneSession): Promise<readonly PermissionCheck[]> {
  try {
    return (await examine(session, await findScope(session))).permissions;
  } catch (error) {
    if (error instanceof ScopeUnreadable) return error.permissions;
    throw error;
  }
}
