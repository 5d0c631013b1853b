// The one place where a connection that a caller names is loaded, or they are told that there is none. Row-level
// security decides what there is: another account's connection is no connection.
import { ENDED } from '../../domain/connection/connection-state.js';
import { Problem } from '../../domain/failures/problem.js';
import { isUuid } from '../../domain/uuid.js';
import { type ConnectionRow, findConnection } from '../../store/connections/connection.repository.js';
import { type ConnectionViewRow, findConnectionView } from '../../store/connections/connection-view.repository.js';
import type { Tenant } from '../../store/tenant.js';
import { connectionEnded } from '../../temporal/connection-problems.js';

export async function requireConnection(tenant: Tenant, id: string): Promise<ConnectionRow> {
  return found(isUuid(id) ? await findConnection(tenant, id) : undefined);
}

/** With what else is shown of it. */
export async function requireConnectionView(tenant: Tenant, id: string): Promise<ConnectionViewRow> {
  return found(isUuid(id) ? await findConnectionView(tenant, id) : undefined);
}

/** Throws `illegal_state` for one that has ended or was refused. */
export async function requireOpenConnection(tenant: Tenant, id: string): Promise<void> {
  const { state } = await requireConnection(tenant, id);
  if (ENDED.includes(state)) throw connectionEnded();
}

function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new Problem('not_found', 'no such connection');
  return row;
}
