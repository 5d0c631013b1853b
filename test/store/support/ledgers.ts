// What the tables say, in forms that tests compare: where every activity went, and whether every counter agrees with
// the rows it counts.
import { expect } from 'vitest';
import type { Database } from '../../../src/store/database.js';
import { ingestPage } from '../../../src/store/ingest/ingest-page.js';
import { anActivity, aPage, type ConnectionRef } from '../../support/builders.js';

export interface StoredEvent {
  readonly activity_id: string;
  readonly organization_id: string;
  readonly site_id: string | null;
  readonly mapping_version: number;
  readonly occurred_at: string;
  readonly sanitized: boolean;
  readonly message: string | null;
  readonly activity: string;
}

export async function eventsOf(database: Database, { accountId }: ConnectionRef): Promise<StoredEvent[]> {
  const { rows } = await database.pool.query<StoredEvent>(
    'select * from events where account_id = $1 order by occurred_at, activity_id',
    [accountId],
  );
  return rows;
}

export interface StoredDiscard {
  readonly activity_id: string;
  readonly site_id: string | null;
  readonly site_from: string;
  readonly agent_id: string | null;
  readonly reason: string;
  readonly mapping_version: number;
}

export async function discardsOf(database: Database, { accountId }: ConnectionRef): Promise<StoredDiscard[]> {
  const { rows } = await database.pool.query<StoredDiscard>(
    `select activity_id, site_id, site_from, agent_id, reason, mapping_version from discards
      where account_id = $1 order by occurred_at, activity_id`,
    [accountId],
  );
  return rows;
}

export interface Totals {
  readonly stored: number;
  readonly discarded: number;
  readonly rejected: number;
}

export async function totalsOf(database: Database, connection: ConnectionRef): Promise<Totals> {
  const { rows } = await database.pool.query<Totals>(
    `select stored_count as stored, discarded_count as discarded, rejected_count as rejected
       from connections where account_id = $1 and id = $2`,
    [connection.accountId, connection.connectionId],
  );
  const [totals] = rows;
  if (totals === undefined) throw new Error('no such connection');
  return totals;
}

const DISAGREEING_CONNECTIONS = `
  select id, stored_count, discarded_count, rejected_count, stored, discarded, rejected
    from connections
    cross join lateral (select count(*) stored from events
      where events.account_id = connections.account_id and connection_id = connections.id) e
    cross join lateral (select count(*) discarded from discards
      where discards.account_id = connections.account_id and connection_id = connections.id) d
    cross join lateral (select count(*) rejected from rejects
      where rejects.account_id = connections.account_id and connection_id = connections.id) r
   where account_id = $1
     and (stored_count, discarded_count, rejected_count) is distinct from (stored, discarded, rejected)`;

const DISAGREEING_SITES = `
  select site_id, stored_count, discarded_count, stored, discarded, last_event_at, last_event
    from sites
    cross join lateral (select count(*) stored, max(occurred_at) last_event from events
      where events.account_id = sites.account_id and connection_id = sites.connection_id
        and events.site_id = sites.site_id) e
    cross join lateral (select count(*) discarded from discards
      where discards.account_id = sites.account_id and connection_id = sites.connection_id
        and discards.site_id = sites.site_id) d
   where account_id = $1
     and (stored_count, discarded_count, last_event_at) is distinct from (stored, discarded, last_event)`;

/** A site that rows name has a row of its own, or its counters would be nowhere. */
const UNCOUNTED_SITES = `
  select site_id from (
    select account_id, connection_id, site_id from events union all
    select account_id, connection_id, site_id from discards) as named
   where account_id = $1 and site_id is not null
     and not exists (select from sites where (account_id, connection_id, site_id)
                     = (named.account_id, named.connection_id, named.site_id))`;

/** No activity is two rows, whichever tables they are in. */
const DOUBLED = `
  select activity_id from (
    select account_id, s1_account_id, activity_id, occurred_at from events union all
    select account_id, s1_account_id, activity_id, occurred_at from discards) as kept
   where account_id = $1 group by s1_account_id, activity_id, occurred_at having count(*) > 1`;

/** Every row's organization, or that it has none, is what the history says of its site at its mapping version. */
const MISROUTED = `
  select activity_id, site_id, mapping_version, kept.organization_id, said.organization_id as history_says from (
    select account_id, connection_id, activity_id, site_id, mapping_version, organization_id from events union all
    select account_id, connection_id, activity_id, site_id, mapping_version, null from discards
     where reason = 'site_unmapped' and site_id is not null and site_from = 'activity') as kept
   left join lateral (
     select organization_id from mapping_history as history
      where (history.account_id, history.connection_id) = (kept.account_id, kept.connection_id)
        and history.site_id is not distinct from kept.site_id and version <= kept.mapping_version
      order by version desc limit 1) as said on true
   where account_id = $1 and kept.organization_id is distinct from said.organization_id`;

/** Everything that must hold of an account's rows at any moment between two pages. */
export async function expectConsistent(
  database: Database,
  { accountId }: { readonly accountId: string },
): Promise<void> {
  const faults: Record<string, unknown[]> = {};
  const checks = { DISAGREEING_CONNECTIONS, DISAGREEING_SITES, UNCOUNTED_SITES, DOUBLED, MISROUTED };
  for (const [name, query] of Object.entries(checks)) {
    const { rows } = await database.pool.query<object>(query, [accountId]);
    if (rows.length > 0) faults[name] = rows;
  }
  expect(faults).toEqual({});
}

/** Stores activities 0, 1, 2 … with these fields, all of which must become discards. */
export async function discard(
  database: Database,
  connection: ConnectionRef,
  ...rows: Readonly<Record<string, unknown>>[]
): Promise<void> {
  const activities = rows.map((fields, index) => anActivity(index, fields));
  const page = await aPage(database, connection, { activities });
  expect(await ingestPage(database, page)).toMatchObject({ stored: 0, discarded: rows.length });
}
