// A refused connection keeps its row and its reason for a day, and no token.
import { refuse } from '../src/store/connections/connection.repository.js';
import { destroyCredentials } from '../src/store/connections/credential.repository.js';
import { addToTimeline } from '../src/store/connections/timeline.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { withStore } from './attempt/with-store.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

export const refuseConnection =
  (deps: Deps): Activities['refuseConnection'] =>
  ({ accountId, connectionId, code }) =>
    withStore(deps, { accountId, connectionId }, () =>
      withTenant(deps.database, accountId, 'all', async (tenant) => {
        await destroyCredentials(tenant, connectionId, { allBut: null });
        if (!(await refuse(tenant, connectionId, code))) return;
        await addToTimeline(tenant, { connectionId, kind: 'state', outcome: 'refused', code });
      }),
    );
