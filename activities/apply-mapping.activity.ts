// Applies a change of the mapping: all of it or nothing, in one transaction under the exclusive routing lock.
import { isUuid } from '../src/domain/uuid.js';
import { IDS_PER_REQUEST } from '../src/sentinelone/calls/activity-query.js';
import { hasUnfinishedBackfill, ledgerWindow, queueBackfill } from '../src/store/collecting/backfill.repository.js';
import { lockRouting } from '../src/store/connection-lock.js';
import { once } from '../src/store/connections/command.repository.js';
import { setMappingVersion } from '../src/store/connections/connection.repository.js';
import { readMappingVersion, unknownSites, writeMapping } from '../src/store/connections/mapping.repository.js';
import { countSites } from '../src/store/connections/site.repository.js';
import { lockLivingOrganizations } from '../src/store/people/organization.repository.js';
import { type Tenant, withTenant } from '../src/store/tenant.js';
import { Refused } from './attempt/failure.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { commandWithStore } from './attempt/with-store.js';
import type { Activities, ApplyMapping, MappingChange, MappingOutcome } from './contract.js';
import type { Deps } from './deps.js';

export const applyMapping =
  (deps: Deps): Activities['applyMapping'] =>
  async (input) => {
    const outcome = await commandWithStore(deps, input, () =>
      withTenant(deps.database, input.accountId, 'all', async (tenant) => {
        await lockRouting(tenant, input.connectionId, 'exclusive');
        return once(tenant, { ...input, kind: 'remapSites' }, () => apply(tenant, input));
      }),
    );
    await connectionChanged(deps, input);
    const organizations = input.changes.flatMap(({ organizationId }) => organizationId ?? []);
    deps.changes?.send({ accountId: input.accountId, counters: [input.connectionId], organizations });
    return outcome;
  };

async function apply(tenant: Tenant, input: ApplyMapping): Promise<MappingOutcome> {
  const { connectionId, commandId, collectDiscarded } = input;
  const changes = lastOfEachSite(input.changes);
  const before = await readMappingVersion(tenant, connectionId);
  if (before !== input.version) throw new Refused('mapping_conflict');
  if ((await unknownSites(tenant, connectionId, changes)).length > 0) throw new Refused('mapping_unknown_site');
  const mapped = changes.filter((change) => change.organizationId !== null);
  const organizationIds = mapped.map((change) => change.organizationId ?? '');
  if (!organizationIds.every(isUuid)) throw new Refused('mapping_unknown_organization');
  const unknown = await lockLivingOrganizations(tenant, organizationIds);
  if (unknown.length > 0) throw new Refused('mapping_unknown_organization');
  const version = before + 1;
  await writeMapping(tenant, { connectionId, version, changes, commandId });
  await setMappingVersion(tenant, connectionId, version);
  if (collectDiscarded) await queueLedger(tenant, connectionId, mapped);
  const totals = await countSites(tenant, connectionId);
  return { version, ...totals, backfillQueued: await hasUnfinishedBackfill(tenant, connectionId) };
}

async function queueLedger(tenant: Tenant, connectionId: string, mapped: readonly MappingChange[]): Promise<void> {
  // One request can name no more sites than that, and a partner's first mapping may be of hundreds.
  for (let at = 0; at < mapped.length; at += IDS_PER_REQUEST) {
    const siteIds = mapped.slice(at, at + IDS_PER_REQUEST).map((change) => change.siteId);
    const window = await ledgerWindow(tenant, connectionId, siteIds);
    if (window !== null) await queueBackfill(tenant, { connectionId, kind: 'discarded', window, siteIds });
  }
}

/** A site named twice in one change means what was said last. */
function lastOfEachSite(changes: readonly MappingChange[]): MappingChange[] {
  return [...new Map(changes.map((change) => [change.siteId, change])).values()];
}
