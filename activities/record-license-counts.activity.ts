// Reads every site's license count and keeps it for the day, under the organization that owns the site at this moment.
import { recordLicenseCounts as storeCounts } from '../src/store/billing/license-count.repository.js';
import { lockRouting } from '../src/store/connection-lock.js';
import { withTenant } from '../src/store/tenant.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { withSession } from './attempt/with-session.js';
import { compareAgents } from './collecting/compare-agents.js';
import { readSites } from './collecting/read-sites.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

export const recordLicenseCounts =
  (deps: Deps): Activities['recordLicenseCounts'] =>
  (ref) =>
    withHeartbeat((signal) =>
      withSession(deps, ref, { needs: { signal } }, async (opened) => {
        const { connection, credentialId, session } = opened;
        const listed = await readSites(deps, ref, opened);
        const readings = listed
          .filter((site) => site.state !== 'deleted')
          .map(({ id, activeLicenses }) => ({ siteId: id, activeLicenses }));
        const sites = await withTenant(deps.database, ref.accountId, 'all', async (tenant) => {
          await lockRouting(tenant, ref.connectionId, 'exclusive');
          return storeCounts(tenant, ref.connectionId, readings);
        });
        if (readings.length > 0) await compareAgents(deps, ref, { connection, session }, readings);
        await connectionChanged(deps, ref);
        return { credentialId, sites };
      }),
    );
