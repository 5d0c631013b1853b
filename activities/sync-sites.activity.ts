// Reads the sites as SentinelOne lists them now, with the account's name, asks again for agents it did not know, and
// refreshes the names of activity types once a day.
import type { ActivityType, SentinelOneSite } from '../src/sentinelone/calls/shapes.js';
import { unresolvedAgents } from '../src/store/collecting/agent.repository.js';
import { hasUnfinishedBackfill } from '../src/store/collecting/backfill.repository.js';
import {
  type ActivityTypeName,
  activityTypesAgeHours,
  saveActivityTypes,
} from '../src/store/connections/activity-type.repository.js';
import { type ConnectionRow, saveAccountName } from '../src/store/connections/connection.repository.js';
import { countSites } from '../src/store/connections/site.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { acceptedFacts } from './attempt/connection-session.js';
import { courtesy } from './attempt/courtesy.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { withSession } from './attempt/with-session.js';
import { readSites } from './collecting/read-sites.js';
import { askForAgents } from './collecting/resolve-agents.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

/** Ten requests of a hundred at most for each sync. */
const UNRESOLVED_AGENTS_PER_SYNC = 1_000;
const TYPE_NAMES_HOURS = 24;
const LARGEST_TYPE = 2 ** 31 - 1;

export const syncSites =
  (deps: Deps): Activities['syncSites'] =>
  (ref) =>
    withHeartbeat((signal) =>
      withSession(deps, ref, { needs: { signal } }, async (opened) => {
        const { connection, credentialId, session } = opened;
        const { accountId, connectionId } = ref;
        const { s1AccountId } = acceptedFacts(connection);
        const sites = await readSites(deps, ref, opened);
        const { unresolved, typesAgeHours } = await withTenant(deps.database, accountId, 'all', async (tenant) => {
          const accountName = accountNameOf(sites);
          if (accountName !== null) await saveAccountName(tenant, connectionId, accountName);
          return {
            unresolved: await unresolvedAgents(tenant, connectionId, UNRESOLVED_AGENTS_PER_SYNC),
            typesAgeHours: await activityTypesAgeHours(tenant, connectionId),
          };
        });
        await courtesy(deps, ref, () => askForAgents(deps, { ...ref, s1AccountId, session }, unresolved));
        const needsTypes = typesAgeHours === null || typesAgeHours >= TYPE_NAMES_HOURS;
        const types = needsTypes ? await courtesy(deps, ref, () => session.listActivityTypes()) : [];
        const outcome = await withTenant(deps.database, accountId, 'all', async (tenant) => {
          await saveActivityTypes(tenant, connectionId, namesOf(types ?? []));
          const totals = await countSites(tenant, connectionId);
          const backfillQueued = await hasUnfinishedBackfill(tenant, connectionId);
          return { credentialId, ...standingOf(connection), ...totals, backfillQueued };
        });
        await connectionChanged(deps, ref);
        return outcome;
      }),
    );

/**
 * As all living sites say that say one. Where they differ, the list was read while the account was being renamed; a
 * deleted site may say the old name for ever.
 */
function accountNameOf(sites: readonly SentinelOneSite[]): string | null {
  const [name, ...others] = new Set(
    sites.flatMap(({ state, accountName }) => (state === 'deleted' ? [] : accountName?.trim() || [])),
  );
  return name === undefined || others.length > 0 ? null : name;
}

const standingOf = ({ stateSeq, mappingVersion, pollIntervalSeconds }: ConnectionRow) => ({
  stateSeq,
  mappingVersion,
  pollIntervalMs: pollIntervalSeconds * 1000,
});

/** Only what an activity's type can be, which is a PostgreSQL integer. */
function namesOf(types: readonly ActivityType[]): ActivityTypeName[] {
  return types.flatMap(({ id, action }) => {
    const isType = id >= 0 && id <= LARGEST_TYPE && action !== null;
    return isType ? [{ activityType: id, name: action }] : [];
  });
}
