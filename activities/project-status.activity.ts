// Copies the workflow's state to where lists and pages read it, and to the timeline. An older state never overwrites a
// later.
import { projectState } from '../src/store/connections/connection.repository.js';
import { addToTimeline } from '../src/store/connections/timeline.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { withStore } from './attempt/with-store.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

export const projectStatus =
  (deps: Deps): Activities['projectStatus'] =>
  async (input) => {
    await withStore(deps, input, () =>
      withTenant(deps.database, input.accountId, 'all', async (tenant) => {
        const { connectionId, state, pauseReasons, cause } = input;
        if (!(await projectState(tenant, connectionId, input))) return;
        await addToTimeline(tenant, { connectionId, kind: 'state', outcome: state, details: { pauseReasons, cause } });
      }),
    );
    await connectionChanged(deps, input);
  };
