// Notices are a view of what the store knows of a connection, made up to date by whoever has just learned something.
// One refresh that fails is made up for by the next, at the latest at the next site sync; it fails nothing else.
import { reconcileNotices } from '../../src/store/connections/notice.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';
import { failureOf } from './failure.js';

export async function refreshNotices(deps: Deps, { accountId, connectionId }: ConnectionRef): Promise<void> {
  try {
    const notices = await withTenant(deps.database, accountId, 'all', (tenant) =>
      reconcileNotices(tenant, connectionId),
    );
    if (notices.length > 0) deps.changes?.send({ accountId, notices });
  } catch (error) {
    deps.log.warn({ accountId, connectionId, code: failureOf(error).code }, 'notices could not be refreshed this time');
  }
}

/** Something that people see of the connection has changed. */
export async function connectionChanged(deps: Deps, ref: ConnectionRef): Promise<void> {
  const { accountId, connectionId } = ref;
  await refreshNotices(deps, ref);
  deps.changes?.send({ accountId, connections: [connectionId] });
}
