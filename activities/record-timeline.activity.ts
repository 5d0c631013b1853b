// What became of a signal, which has nobody to answer to.
import { once } from '../src/store/connections/command.repository.js';
import { addToTimeline } from '../src/store/connections/timeline.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { withStore } from './attempt/with-store.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

export const recordTimeline =
  (deps: Deps): Activities['recordTimeline'] =>
  (input) =>
    withStore(deps, input, () =>
      withTenant(deps.database, input.accountId, 'all', async (tenant) => {
        const commandId = `${input.commandId}/timeline`;
        await once(tenant, { ...input, commandId, kind: 'recordTimeline' }, async () => {
          await addToTimeline(tenant, input);
          return {};
        });
      }),
    );
