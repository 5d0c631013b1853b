// A refused connection keeps its row and its reason for a day, and no token. Whether it is still to be refused is asked
// in the same transaction: a workflow that was reset to its beginning comes here again, when the token is long in use.
import { refuse } from '../src/store/connections/connection.repository.js';
import { destroyCredentials } from '../src/store/connections/credential.repository.js';
import { addToTimeline } from '../src/store/connections/timeline.repository.js';
import { type Tenant, withTenant } from '../src/store/tenant.js';
import { storedConnection } from './attempt/stored-connection.js';
import { withStore } from './attempt/with-store.js';
import type { Activities, Refusal } from './contract.js';
import type { Deps } from './deps.js';

export const refuseConnection =
  (deps: Deps): Activities['refuseConnection'] =>
  ({ accountId, connectionId, code }) =>
    withStore(deps, { accountId, connectionId }, () =>
      withTenant(deps.database, accountId, 'all', (tenant) => refuseOnce(tenant, connectionId, code)),
    );

async function refuseOnce(tenant: Tenant, connectionId: string, code: string): Promise<Refusal> {
  if (await refuse(tenant, connectionId, code)) {
    await addToTimeline(tenant, { connectionId, kind: 'state', outcome: 'refused', code });
  } else {
    const stored = await storedConnection(tenant, connectionId);
    if (stored.state !== 'refused') return { outcome: 'standing', stored };
  }
  await destroyCredentials(tenant, connectionId, { allBut: null });
  return { outcome: 'refused' };
}
