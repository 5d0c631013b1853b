// The end of a connection: its tokens are destroyed, its backfills cancelled. What it collected stays.
import { cancelBackfills } from '../src/store/collecting/backfill.repository.js';
import { destroyCredentials } from '../src/store/connections/credential.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { withStore } from './attempt/with-store.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

export const tearDown =
  (deps: Deps): Activities['tearDown'] =>
  ({ accountId, connectionId }) =>
    withStore(deps, { accountId, connectionId }, () =>
      withTenant(deps.database, accountId, 'all', async (tenant) => {
        await destroyCredentials(tenant, connectionId, { allBut: null });
        await cancelBackfills(tenant, connectionId);
      }),
    );
