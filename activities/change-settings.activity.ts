// Interval and default organization. The default organization decides where activities go, so changing it makes a new
// version of the mapping, under the exclusive routing lock like any other.
import { inPollSeconds } from '../src/domain/connection/poll-interval.js';
import { isUuid } from '../src/domain/uuid.js';
import { lockRouting } from '../src/store/connection-lock.js';
import { once } from '../src/store/connections/command.repository.js';
import { changeSettings as storeSettings, setMappingVersion } from '../src/store/connections/connection.repository.js';
import { addMappingHistory, readMappingVersion } from '../src/store/connections/mapping.repository.js';
import { lockLivingOrganizations } from '../src/store/people/organization.repository.js';
import { type Tenant, withTenant } from '../src/store/tenant.js';
import { Refused } from './attempt/failure.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { commandWithStore } from './attempt/with-store.js';
import type { Activities, ChangeSettings } from './contract.js';
import type { Deps } from './deps.js';

export const changeSettings =
  (deps: Deps): Activities['changeSettings'] =>
  async (input) => {
    await commandWithStore(deps, input, () =>
      withTenant(deps.database, input.accountId, 'all', async (tenant) => {
        await lockRouting(tenant, input.connectionId, 'exclusive');
        await once(tenant, { ...input, kind: 'changeSettings' }, () => change(tenant, input));
      }),
    );
    await connectionChanged(deps, input);
  };

async function change(tenant: Tenant, input: ChangeSettings): Promise<object> {
  const { connectionId, pollIntervalMs, defaultOrganizationId } = input;
  if (defaultOrganizationId !== undefined) await changeDefault(tenant, { ...input, defaultOrganizationId });
  await storeSettings(tenant, connectionId, {
    ...(pollIntervalMs === undefined ? {} : { pollIntervalSeconds: inPollSeconds(pollIntervalMs) }),
    ...(defaultOrganizationId === undefined ? {} : { defaultOrganizationId }),
  });
  return {};
}

async function changeDefault(
  tenant: Tenant,
  { connectionId, commandId, defaultOrganizationId }: ChangeSettings & { readonly defaultOrganizationId: string },
): Promise<void> {
  const isKnown =
    isUuid(defaultOrganizationId) && (await lockLivingOrganizations(tenant, [defaultOrganizationId])).length === 0;
  if (!isKnown) throw new Refused('mapping_unknown_organization');
  const version = (await readMappingVersion(tenant, connectionId)) + 1;
  const organizationId = defaultOrganizationId;
  await addMappingHistory(tenant, [{ connectionId, version, siteId: null, organizationId, commandId }]);
  await setMappingVersion(tenant, connectionId, version);
}
