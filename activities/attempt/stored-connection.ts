// A connection as the store holds it, for activities that answer with it.
import type { StoredConnection } from '../../src/domain/connection/stored-connection.js';
import { readStoredConnection } from '../../src/store/connections/stored-connection.repository.js';
import { ConnectionGone } from '../../src/store/errors.js';
import type { Tenant } from '../../src/store/tenant.js';

/** Throws `ConnectionGone` when there is no row. */
export async function storedConnection(tenant: Tenant, connectionId: string): Promise<StoredConnection> {
  const stored = await readStoredConnection(tenant, connectionId);
  if (stored === undefined) throw new ConnectionGone();
  return stored;
}
