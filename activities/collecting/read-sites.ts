// Reads the account's sites as far as they can be believed. A token that sees less lists less: so what it sees is asked
// before, and again when something is missing from the list. That an account has lost all its sites is not believed.
import { isWholeList } from '../../src/sentinelone/calls/readable-rows.js';
import type { SentinelOneSite } from '../../src/sentinelone/calls/shapes.js';
import { noteEmptySites } from '../../src/store/connections/scope.repository.js';
import { livingSiteIds, syncSites } from '../../src/store/connections/site.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import { acceptedFacts, type ConnectionSession } from '../attempt/connection-session.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';
import { requireScope } from '../tokens/look-at-scope.js';

/** Stores them and returns them. Throws `s1.scope_changed`, and stores nothing, when the token sees less. */
export async function readSites(
  deps: Deps,
  ref: ConnectionRef,
  opened: Pick<ConnectionSession, 'connection' | 'session'>,
): Promise<readonly SentinelOneSite[]> {
  const { accountId, connectionId } = ref;
  const asTenant = <T>(work: Parameters<typeof withTenant<T>>[3]) => withTenant(deps.database, accountId, 'all', work);
  const before = await requireScope(deps, ref, opened);
  const sites = await opened.session.listSites(acceptedFacts(opened.connection).s1AccountId);
  const listed = new Set(sites.map(({ id }) => id));
  const missing = (await asTenant((tenant) => livingSiteIds(tenant, connectionId))).filter((id) => !listed.has(id));
  const scope = missing.length === 0 ? before : await requireScope(deps, ref, opened);
  const allCouldBeRead = isWholeList(opened.session, 'sites');
  const isEmpty = allCouldBeRead && sites.length === 0 && missing.length > 0;
  if (isEmpty) deps.log.warn({ ...ref, sites: missing.length }, 'no sites are listed; those that are known stay');
  await asTenant(async (tenant) => {
    await noteEmptySites(tenant, connectionId, isEmpty);
    await syncSites(tenant, connectionId, sites, { isWhole: allCouldBeRead && !isEmpty && scope === 'whole' });
  });
  return sites;
}
