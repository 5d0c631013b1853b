// Notices. The worker keeps them equal to what `noticesFor` says of a connection's facts; the api lists them, and keeps
// those of the kind `collection_behind`, which are the database's own to decide.
import { randomUUID } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { ConnectionFacts } from '../../domain/notices/connection-facts.js';
import {
  DECIDED_OUTSIDE_THE_WORKER,
  type Notice,
  noticesFor,
  REJECTS_ARE_NEWS_DAYS,
} from '../../domain/notices/notices.js';
import { latestAgentCount } from '../billing/agent-count.repository.js';
import { failingBackfills } from '../collecting/backfill.repository.js';
import { shortfall } from '../collecting/completeness.repository.js';
import type { NoticesTable } from '../schema/connections.js';
import type { Tenant } from '../tenant.js';
import { choreTroubles } from './chore-health.repository.js';

export type NoticeRow = Selectable<NoticesTable>;

/**
 * Makes the open notices of a connection what they should be now: opens, changes and resolves. Returns the ids of those
 * that changed. Facts are read under a lock of the connection's notices, so the last of several callers has seen all of
 * them.
 */
export async function reconcileNotices(tenant: Tenant, connectionId: string, nowMs = Date.now()): Promise<string[]> {
  const key = sql`hashtextextended(${`notices/${tenant.accountId}/${connectionId}`}, 0)`;
  await sql`select pg_advisory_xact_lock(${key})`.execute(tenant.db);
  const facts = await readFacts(tenant, connectionId);
  if (facts === undefined) return [];
  const wanted = new Map(noticesFor(facts, nowMs).map((notice) => [keyOf(notice), notice]));
  const open = new Map((await openNotices(tenant, connectionId)).map((row) => [keyOfRow(row), row]));
  const changed: string[] = [];
  for (const [key, notice] of wanted) {
    const row = open.get(key);
    if (row === undefined) changed.push(await openNotice(tenant, connectionId, notice));
    else if (!isSame(row, notice)) changed.push(await changeNotice(tenant, row, notice));
  }
  const gone = [...open].filter(([key]) => !wanted.has(key)).map(([, row]) => row.id);
  if (gone.length > 0) await resolveNotices(tenant, gone);
  return [...changed, ...gone];
}

const keyOf = ({ kind, subject }: Notice) => `${kind}/${subject.type}/${subject.id}`;
const keyOfRow = ({ kind, subjectType, subjectId }: NoticeRow) => `${kind}/${subjectType}/${subjectId}`;

/** jsonb gives keys back in an order of its own. */
const isSame = (row: NoticeRow, { severity, details }: Notice): boolean =>
  row.severity === severity && canonical(row.details) === canonical(details);

const canonical = (details: object): string =>
  JSON.stringify(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1)));

async function readFacts(tenant: Tenant, connectionId: string): Promise<ConnectionFacts | undefined> {
  const { accountId, db } = tenant;
  const row = await db
    .selectFrom('connections')
    .leftJoin('credentials', (join) =>
      join
        .onRef('credentials.accountId', '=', 'connections.accountId')
        .onRef('credentials.id', '=', 'connections.credentialId'),
    )
    .select(['connections.id as connectionId', 'connections.state', 'connections.pauseReasons'])
    .select(['connections.mappingVersion', 'connections.permissions', 'connections.syslogTaken'])
    .select(['connections.degradedSince', 'connections.consecutiveFailures', 'connections.failureCode'])
    .select(['connections.consoleAheadMs', 'connections.rejectedCount', 'credentials.expiresAt as tokenExpiresAt'])
    .select(['connections.workflowRestartedAt', 'connections.sitesEmptiedAt'])
    .select(['connections.scopeLostAt', 'connections.scopeConfirmedAt'])
    .select(['connections.clockJumpedAt', 'connections.clockJumpMs', 'connections.clockDoubtMs'])
    .where('connections.accountId', '=', accountId)
    .where('connections.id', '=', connectionId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { rejectedCount, ...facts } = row;
  return {
    ...facts,
    missingSites: await missingSites(tenant, connectionId),
    unmappedSites: await unmappedSites(tenant, connectionId),
    shortfall: await shortfall(tenant, connectionId),
    lastRejectAt: rejectedCount === 0 ? null : await lastReject(tenant, connectionId),
    agentCount: await agentCountOf(tenant, connectionId),
    chores: await choreTroubles(tenant, connectionId),
    failingBackfills: await failingBackfills(tenant, connectionId),
  };
}

async function agentCountOf(tenant: Tenant, connectionId: string): Promise<ConnectionFacts['agentCount']> {
  const count = await latestAgentCount(tenant, connectionId);
  return count === undefined ? null : { agents: count.agents, licenses: count.licenses };
}

function missingSites({ accountId, db }: Tenant, connectionId: string) {
  return db
    .selectFrom('sites')
    .innerJoin('siteMappings', (join) =>
      join
        .onRef('siteMappings.accountId', '=', 'sites.accountId')
        .onRef('siteMappings.connectionId', '=', 'sites.connectionId')
        .onRef('siteMappings.siteId', '=', 'sites.siteId'),
    )
    .select(['sites.siteId', 'sites.name as siteName', 'sites.deletedAt as since'])
    .where('sites.accountId', '=', accountId)
    .where('sites.connectionId', '=', connectionId)
    .where('sites.state', '=', 'deleted')
    .execute();
}

function unmappedSites({ accountId, db }: Tenant, connectionId: string) {
  return db
    .selectFrom('sites')
    .select(['siteId', 'name as siteName', 'activeLicenses as licenseCount'])
    .select(sql<string | null>`case when discarded_count > 0 then first_discarded_at end`.as('discardedSince'))
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .where('state', '!=', 'deleted')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('siteMappings')
            .select('siteMappings.siteId')
            .whereRef('siteMappings.accountId', '=', 'sites.accountId')
            .whereRef('siteMappings.connectionId', '=', 'sites.connectionId')
            .whereRef('siteMappings.siteId', '=', 'sites.siteId'),
        ),
      ),
    )
    .execute();
}

async function lastReject({ accountId, db }: Tenant, connectionId: string): Promise<string | null> {
  const row = await db
    .selectFrom('rejects')
    .select(({ fn }) => fn.max('receivedAt').as('at'))
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .where('receivedAt', '>', sql<string>`now() - ${REJECTS_ARE_NEWS_DAYS} * interval '1 day'`)
    .executeTakeFirst();
  return row?.at ?? null;
}

function openNotices({ accountId, db }: Tenant, connectionId: string): Promise<NoticeRow[]> {
  return db
    .selectFrom('notices')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .where('state', '=', 'open')
    .where('kind', 'not in', DECIDED_OUTSIDE_THE_WORKER)
    .execute();
}

async function openNotice({ accountId, db }: Tenant, connectionId: string, notice: Notice): Promise<string> {
  const id = randomUUID();
  const { kind, subject, severity } = notice;
  const details = JSON.stringify(notice.details);
  await db
    .insertInto('notices')
    .values({ accountId, id, connectionId, kind, subjectType: subject.type, subjectId: subject.id, severity, details })
    .execute();
  return id;
}

async function changeNotice({ accountId, db }: Tenant, { id }: NoticeRow, notice: Notice): Promise<string> {
  await db
    .updateTable('notices')
    .set({ severity: notice.severity, details: JSON.stringify(notice.details), updatedAt: sql`now()` })
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .execute();
  return id;
}

async function resolveNotices({ accountId, db }: Tenant, ids: readonly string[]): Promise<void> {
  await db
    .updateTable('notices')
    .set({ state: 'resolved', resolvedAt: sql`now()`, updatedAt: sql`now()` })
    .where('accountId', '=', accountId)
    .where('id', '=', sql<string>`any (${[...ids]}::uuid[])`)
    .execute();
}

export interface NoticeFilter {
  readonly state?: 'open' | 'resolved' | undefined;
  readonly connectionId?: string | undefined;
  /** `openedAt` and id of the last row of the page before. */
  readonly after: readonly [openedAt: string, id: string] | null;
  readonly limit: number;
}

/** Newest first. */
export function listNotices({ accountId, db }: Tenant, filter: NoticeFilter): Promise<NoticeRow[]> {
  let query = db.selectFrom('notices').selectAll().where('accountId', '=', accountId);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.connectionId !== undefined) query = query.where('connectionId', '=', filter.connectionId);
  if (filter.after !== null) {
    const [openedAt, id] = filter.after;
    query = query.where(sql<boolean>`(opened_at, id) < (${openedAt}::timestamptz, ${id}::uuid)`);
  }
  return query.orderBy('openedAt', 'desc').orderBy('id', 'desc').limit(filter.limit).execute();
}
