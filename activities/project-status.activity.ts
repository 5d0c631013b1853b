// Copies the workflow's state to where lists and pages read it, and to the timeline. An older state never overwrites a
// later: then the answer says what is stored instead.
import type { StoredConnection } from '../src/domain/connection/stored-connection.js';
import { projectState } from '../src/store/connections/connection.repository.js';
import { addToTimeline } from '../src/store/connections/timeline.repository.js';
import { type Tenant, withTenant } from '../src/store/tenant.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { storedConnection } from './attempt/stored-connection.js';
import { withStore } from './attempt/with-store.js';
import type { Activities, Projected, StatusProjection } from './contract.js';
import type { Deps } from './deps.js';

export const projectStatus =
  (deps: Deps): Activities['projectStatus'] =>
  async (input) => {
    const projected = await withStore(deps, input, () =>
      withTenant(deps.database, input.accountId, 'all', (tenant) => project(tenant, input)),
    );
    await connectionChanged(deps, input);
    return projected;
  };

async function project(tenant: Tenant, input: StatusProjection): Promise<Projected> {
  const { connectionId, state, pauseReasons, cause } = input;
  if (await projectState(tenant, connectionId, input)) {
    await addToTimeline(tenant, { connectionId, kind: 'state', outcome: state, details: { pauseReasons, cause } });
    return { outcome: 'written' };
  }
  const stored = await storedConnection(tenant, connectionId);
  return isSame(stored, input) ? { outcome: 'written' } : { outcome: 'superseded', stored };
}

/** An attempt before this one has written it, and its answer was lost. */
const isSame = (stored: StoredConnection, { stateSeq, state, pauseReasons, cause }: StatusProjection): boolean =>
  stored.stateSeq === stateSeq &&
  stored.state === state &&
  stored.cause === cause &&
  [...stored.pauseReasons].sort().join() === [...pauseReasons].sort().join();
