// The counters that people watch, in the page's own transaction: they can never disagree with the rows. Sites are
// locked in the order of their ids, connections last, so that pages that run side by side wait in line instead of in a
// circle. A row that leaves the discard ledger is taken off the connection that put it there, which may be an earlier
// one.
import type { Tenant } from '../tenant.js';
import type { PageToStore } from './page.js';
import type { LedgerPlace, SortedActivities } from './sort-activities.js';

interface SiteCounts extends LedgerPlace {
  readonly siteId: string;
  stored: number;
  lastEvent: string | null;
  discarded: number;
  firstDiscard: string | null;
  lastDiscard: string | null;
}

const COUNT_SITES = `
  with page as (
    select *
      from unnest($2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::int[], $7::timestamptz[], $8::timestamptz[])
        as page (connection_id, site_id, stored, last_event, discarded, first_discard, last_discard)
  ), locked as materialized (
    select connection_id, site_id from sites
     where account_id = $1 and (connection_id, site_id) in (select connection_id, site_id from page)
     order by connection_id, site_id collate "C" for no key update
  )
  update sites set
    stored_count = sites.stored_count + page.stored,
    last_event_at = greatest(sites.last_event_at, page.last_event),
    discarded_count = sites.discarded_count + page.discarded,
    first_discarded_at = least(sites.first_discarded_at, page.first_discard),
    last_discarded_at = greatest(sites.last_discarded_at, page.last_discard)
  from page join locked using (connection_id, site_id)
  where sites.account_id = $1 and sites.connection_id = page.connection_id and sites.site_id = page.site_id`;

const COUNT_CONNECTIONS = `
  with page as (
    select * from unnest($2::uuid[], $3::int[], $4::int[], $5::int[]) as page (id, stored, discarded, rejected)
  ), locked as materialized (
    select id from connections where account_id = $1 and id = any ($2) order by id for no key update
  )
  update connections set
    stored_count = stored_count + page.stored,
    discarded_count = discarded_count + page.discarded,
    rejected_count = rejected_count + page.rejected
  from page join locked using (id)
  where connections.account_id = $1 and connections.id = page.id`;

const COUNT_BACKFILL = `
  update backfills set
    stored_count = stored_count + $4, discarded_count = discarded_count + $5, rejected_count = rejected_count + $6
  where account_id = $1 and connection_id = $2 and id = $3`;

export async function countPage(
  tenant: Tenant,
  page: PageToStore,
  counts: SortedActivities & { readonly rejected: number },
): Promise<void> {
  const { events, discards, rejected } = counts;
  if (events.length + discards.length + rejected === 0) return;
  const { client, accountId } = tenant;
  const sites = countSites(page, counts);
  if (sites.length > 0)
    await client.query({ name: 'count_sites', text: COUNT_SITES, values: [accountId, ...siteColumns(sites)] });
  if (page.backfillId !== undefined) {
    const values = [accountId, page.connectionId, page.backfillId, events.length, discards.length, rejected];
    await client.query({ name: 'count_backfill', text: COUNT_BACKFILL, values });
  }
  const values = [accountId, ...connectionColumns(page, counts)];
  await client.query({ name: 'count_connections', text: COUNT_CONNECTIONS, values });
}

function countSites({ connectionId }: PageToStore, { events, discards, collected }: SortedActivities): SiteCounts[] {
  const sites = new Map<string, SiteCounts>();
  for (const { activity, route } of events) {
    const site = siteCounts(sites, { connectionId, siteId: route.siteId });
    if (site === null) continue;
    site.stored += 1;
    site.lastEvent = later(site.lastEvent, activity.createdAt);
  }
  for (const { activity, route } of discards) {
    const site = siteCounts(sites, { connectionId, siteId: route.siteId });
    if (site === null) continue;
    site.discarded += 1;
    site.lastDiscard = later(site.lastDiscard, activity.createdAt);
    site.firstDiscard = earlier(site.firstDiscard, activity.createdAt);
  }
  for (const place of collected) {
    const site = siteCounts(sites, place);
    if (site !== null) site.discarded -= 1;
  }
  return [...sites.values()];
}

function siteCounts(sites: Map<string, SiteCounts>, { connectionId, siteId }: LedgerPlace): SiteCounts | null {
  if (siteId === null) return null;
  const key = `${connectionId}/${siteId}`;
  let counts = sites.get(key);
  if (counts === undefined) {
    const nothing = { stored: 0, lastEvent: null, discarded: 0, firstDiscard: null, lastDiscard: null };
    counts = { connectionId, siteId, ...nothing };
    sites.set(key, counts);
  }
  return counts;
}

/** Instants are written alike, so they compare as text. */
const later = (a: string | null, b: string) => (a === null || b > a ? b : a);
const earlier = (a: string | null, b: string) => (a === null || b < a ? b : a);

function siteColumns(sites: readonly SiteCounts[]): unknown[][] {
  return [
    sites.map((site) => site.connectionId),
    sites.map((site) => site.siteId),
    sites.map((site) => site.stored),
    sites.map((site) => site.lastEvent),
    sites.map((site) => site.discarded),
    sites.map((site) => site.firstDiscard),
    sites.map((site) => site.lastDiscard),
  ];
}

function connectionColumns(
  { connectionId }: PageToStore,
  { events, discards, collected, rejected }: SortedActivities & { readonly rejected: number },
): unknown[][] {
  const discarded = new Map([[connectionId, discards.length]]);
  for (const place of collected) discarded.set(place.connectionId, (discarded.get(place.connectionId) ?? 0) - 1);
  const ids = [...discarded.keys()];
  return [
    ids,
    ids.map((id) => (id === connectionId ? events.length : 0)),
    [...discarded.values()],
    ids.map((id) => (id === connectionId ? rejected : 0)),
  ];
}
