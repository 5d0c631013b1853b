// The permission checklist, made again: on demand, after a 403, and while a missing permission pauses the connection.
import { missingPermissions, type PermissionCheck } from '../src/domain/connection/permissions.js';
import type { SentinelOneSession } from '../src/sentinelone/client.js';
import { savePermissions, saveSyslogTaken } from '../src/store/connections/connection.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { withSession } from './attempt/with-session.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';
import { examine, findScope, ScopeUnreadable } from './tokens/examine-token.js';
import { requireScope } from './tokens/look-at-scope.js';

export const checkPermissions =
  (deps: Deps): Activities['checkPermissions'] =>
  (ref) =>
    withHeartbeat((signal) =>
      withSession(deps, ref, { needs: { signal } }, async (opened) => {
        const { credentialId, session } = opened;
        await requireScope(deps, ref, opened);
        const { permissions, syslogEnabled } = await checklistOf(session);
        await withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
          await savePermissions(tenant, ref.connectionId, permissions);
          await saveSyslogTaken(tenant, ref.connectionId, syslogEnabled);
        });
        await connectionChanged(deps, ref);
        return { credentialId, granted: missingPermissions(permissions).length === 0 };
      }),
    );

/** Being refused everything is an answer too, as long as the token lives. */
async function checklistOf(
  session: SentinelOneSession,
): Promise<{ readonly permissions: readonly PermissionCheck[]; readonly syslogEnabled: boolean | null }> {
  try {
    return await examine(session, await findScope(session));
  } catch (error) {
    if (error instanceof ScopeUnreadable) return { permissions: error.permissions, syslogEnabled: null };
    throw error;
  }
}
