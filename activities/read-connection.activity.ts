// What the store holds of a connection, for its workflow to compare with what it believes.
import { withTenant } from '../src/store/tenant.js';
import { storedConnection } from './attempt/stored-connection.js';
import { withStore } from './attempt/with-store.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

export const readConnection =
  (deps: Deps): Activities['readConnection'] =>
  (ref) =>
    withStore(deps, ref, () =>
      withTenant(deps.database, ref.accountId, 'all', (tenant) => storedConnection(tenant, ref.connectionId)),
    );
