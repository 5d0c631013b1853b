// A simulated year as rows of a real database, under one account of its own.
import { randomUUID } from 'node:crypto';
import type { Database } from '../../../src/store/database.js';
import { type AccountRef, anAccount } from '../builders.js';
import { dailyCounts, hourAt, mappingFacts, type SimulatedYear, TIME_ZONE } from './billing-year.js';

export interface StoredYear extends AccountRef {
  /** The id of the year → the id in the database. */
  readonly idOf: (id: string) => string;
  /** And back. */
  readonly simulatedId: (id: string) => string;
}

/** For each column its values, one a row: the parameters of an insert by `unnest`. */
type Columns = readonly (readonly unknown[])[];

export async function storeYear(database: Database, year: SimulatedYear): Promise<StoredYear> {
  const account = await anAccount(database, { timeZone: TIME_ZONE });
  const { accountId, organizationId } = account;
  const simulated = [...year.organizations, ...year.connections].map(({ id }) => id);
  const ids = new Map(simulated.map((id) => [id, randomUUID()]));
  const back = new Map([...ids].map(([id, real]) => [real as string, id]));
  const idOf = (id: string) => ids.get(id) ?? id;
  const owner = (id: string | null) => (id === null ? null : idOf(id));

  const insert = (into: string, types: readonly string[], columns: Columns) =>
    database.pool.query(
      `insert into ${into} select $1, * from unnest(${types.map((type, n) => `$${n + 2}::${type}[]`).join(', ')})`,
      [accountId, ...columns.map((column) => [...column])],
    );
  const { organizations, connections, sites } = year;
  const columnsOf = <Row>(rows: readonly Row[], ...columns: ((row: Row) => unknown)[]): Columns =>
    columns.map((column) => rows.map(column));

  await insert(
    'organizations (account_id, id, name, external_key)',
    ['uuid', 'text', 'text'],
    columnsOf(
      organizations,
      ({ id }) => idOf(id),
      ({ name }) => name,
      ({ externalKey }) => externalKey,
    ),
  );
  await insert(
    `connections (account_id, id, name, default_organization_id, created_at, ended_at, console_url, poll_interval_seconds)`,
    ['uuid', 'text', 'uuid', 'timestamptz', 'timestamptz', 'text', 'int'],
    columnsOf(
      connections,
      ({ id }) => idOf(id),
      ({ name }) => name,
      () => organizationId,
      () => hourAt(0, 0),
      ({ endHour }) => (endHour === null ? null : hourAt(endHour, 0)),
      () => 'https://acme.sentinelone.net',
      () => 30,
    ),
  );
  await insert(
    'sites (account_id, connection_id, site_id, name, first_seen_at, deleted_at, state)',
    ['uuid', 'text', 'text', 'timestamptz', 'timestamptz', 'text'],
    columnsOf(
      sites,
      ({ connectionId }) => idOf(connectionId),
      ({ siteId }) => siteId,
      ({ name }) => name,
      ({ fromHour }) => hourAt(fromHour, 0),
      ({ deletedHour }) => (deletedHour === null ? null : hourAt(deletedHour, 0)),
      ({ deletedHour }) => (deletedHour === null ? 'active' : 'deleted'),
    ),
  );
  await insert(
    'mapping_history (account_id, connection_id, version, site_id, organization_id, committed_at, command_id)',
    ['uuid', 'int', 'text', 'uuid', 'timestamptz', 'text'],
    columnsOf(
      mappingFacts(year),
      ({ connectionId }) => idOf(connectionId),
      ({ version }) => version,
      ({ siteId }) => siteId,
      ({ organizationId: id }) => owner(id),
      ({ at }) => at,
      ({ version }) => `command ${version}`,
    ),
  );
  await insert(
    `license_counts (account_id, connection_id, site_id, day, organization_id, first_count, last_count, peak_count, first_at, last_at)`,
    ['uuid', 'text', 'date', 'uuid', 'int', 'int', 'int', 'timestamptz', 'timestamptz'],
    columnsOf(
      dailyCounts(year),
      ({ connectionId }) => idOf(connectionId),
      ({ siteId }) => siteId,
      ({ day }) => day,
      ({ organizationId: id }) => owner(id),
      ({ first }) => first,
      ({ last }) => last,
      ({ peak }) => peak,
      ({ firstAt }) => firstAt,
      ({ lastAt }) => lastAt,
    ),
  );
  return { ...account, idOf, simulatedId: (id) => back.get(id) ?? id };
}
