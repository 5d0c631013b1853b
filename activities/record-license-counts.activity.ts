// Reads every site's license count and keeps it for the day, under the organization that owns the site at this moment.
import { isWholeList } from '../src/sentinelone/calls/readable-rows.js';
import { recordLicenseCounts as storeCounts } from '../src/store/billing/license-count.repository.js';
import { lockRouting } from '../src/store/connection-lock.js';
import { syncSites } from '../src/store/connections/site.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { acceptedFacts } from './attempt/connection-session.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { withSession } from './attempt/with-session.js';
import { compareAgents } from './collecting/compare-agents.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

export const recordLicenseCounts =
  (deps: Deps): Activities['recordLicenseCounts'] =>
  (ref) =>
    withHeartbeat((signal) =>
      withSession(deps, ref, { needs: { signal } }, async ({ connection, credentialId, session }) => {
        const listed = await session.listSites(acceptedFacts(connection).s1AccountId);
        const readings = listed
          .filter((site) => site.state !== 'deleted')
          .map(({ id, activeLicenses }) => ({ siteId: id, activeLicenses }));
        const sites = await withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
          await lockRouting(tenant, ref.connectionId, 'exclusive');
          await syncSites(tenant, ref.connectionId, listed, { isWhole: isWholeList(session, 'sites') });
          return storeCounts(tenant, ref.connectionId, readings);
        });
        await compareAgents(deps, ref, { connection, session }, readings);
        await connectionChanged(deps, ref);
        return { credentialId, sites };
      }),
    );
