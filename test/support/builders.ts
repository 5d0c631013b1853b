// Data for tests of the store. Each builder inserts the minimum and returns what a test needs to name it; whatever a test
// is about it says itself.
import { randomUUID } from 'node:crypto';
import type { ConnectionState } from '../../src/domain/connection/connection-state.js';
import { readActivity } from '../../src/domain/ecs/read-activity.js';
import { MICROS_PER_SECOND, toInstant, toMicros } from '../../src/domain/instant.js';
import { parseLosslessJson } from '../../src/domain/json/lossless-json.js';
import { liveCheckpoint } from '../../src/store/collecting/checkpoint.repository.js';
import { lockRouting } from '../../src/store/connection-lock.js';
import { setMappingVersion } from '../../src/store/connections/connection.repository.js';
import {
  addMappingHistory,
  type MappingChange,
  readMappingVersion,
  writeMapping,
} from '../../src/store/connections/mapping.repository.js';
import type { Database } from '../../src/store/database.js';
import type { PageToStore } from '../../src/store/ingest/page.js';
import { createPreparer, type PreparedActivity } from '../../src/store/ingest/prepare-activity.js';
import { insertOrganization } from '../../src/store/people/organization.repository.js';
import { type Tenant, withTenant } from '../../src/store/tenant.js';

export interface AccountRef {
  readonly accountId: string;
  readonly organizationId: string;
}

export interface ConnectionRef extends AccountRef {
  readonly connectionId: string;
  readonly s1AccountId: string;
}

/** An account with one organization. */
export async function anAccount(database: Database, { timeZone = 'UTC' } = {}): Promise<AccountRef> {
  const accountId = randomUUID();
  await database.kysely.insertInto('accounts').values({ id: accountId, name: 'Acme', timeZone }).execute();
  return { accountId, organizationId: await anOrganization(database, { accountId }) };
}

export async function anOrganization(
  database: Database,
  { accountId }: { readonly accountId: string },
): Promise<string> {
  const id = randomUUID();
  await asTenant(database, accountId, (tenant) => insertOrganization(tenant, { id, name: `Organization ${id}` }));
  return id;
}

/** A connection of the account, whose organization is its default; of an account of its own when none is given. */
export async function aConnection(
  database: Database,
  options: {
    readonly account?: AccountRef;
    readonly state?: ConnectionState;
    readonly s1AccountId?: string;
    readonly connectionId?: string;
  } = {},
): Promise<ConnectionRef> {
  const account = options.account ?? (await anAccount(database));
  const { accountId, organizationId } = account;
  const connectionId = options.connectionId ?? randomUUID();
  const s1AccountId = options.s1AccountId ?? randomUUID();
  await asTenant(database, accountId, async (tenant) => {
    await tenant.db
      .insertInto('connections')
      .values({
        accountId,
        id: connectionId,
        name: 'SentinelOne',
        consoleUrl: 'https://acme.sentinelone.net',
        defaultOrganizationId: organizationId,
        s1AccountId,
        collectFrom: '2026-01-01T00:00:00Z',
        pollIntervalSeconds: 30,
        state: options.state ?? 'active',
      })
      .execute();
    await addMappingHistory(tenant, [{ connectionId, version: 0, siteId: null, organizationId, commandId: 'created' }]);
  });
  return { accountId, organizationId, connectionId, s1AccountId };
}

/** A site of the connection; mapped, as a version of its own, when an organization is given. */
export async function aSite(
  database: Database,
  { accountId, connectionId }: ConnectionRef,
  { siteId, organizationId }: { readonly siteId: string; readonly organizationId?: string },
): Promise<string> {
  await asTenant(database, accountId, (tenant) =>
    tenant.db.insertInto('sites').values({ accountId, connectionId, siteId, state: 'active' }).execute(),
  );
  if (organizationId !== undefined) await remap(database, { accountId, connectionId }, [{ siteId, organizationId }]);
  return siteId;
}

/** Maps as the product does: under the exclusive routing lock, with history. Returns the new version. */
export async function remap(
  database: Database,
  { accountId, connectionId }: { readonly accountId: string; readonly connectionId: string },
  changes: readonly MappingChange[],
): Promise<number> {
  return asTenant(database, accountId, async (tenant) => {
    await lockRouting(tenant, connectionId, 'exclusive');
    const version = (await readMappingVersion(tenant, connectionId)) + 1;
    await writeMapping(tenant, { connectionId, version, changes, commandId: `remap ${version}` });
    await setMappingVersion(tenant, connectionId, version);
    return version;
  });
}

/** A page at the connection's live checkpoint, as the next poll would store it. */
export async function aPage(
  database: Database,
  connection: ConnectionRef,
  page: Partial<PageToStore> & Pick<PageToStore, 'activities'>,
): Promise<PageToStore> {
  const { accountId, connectionId, s1AccountId } = connection;
  const checkpoint =
    page.checkpoint ?? (await asTenant(database, accountId, (tenant) => liveCheckpoint(tenant, connectionId)));
  return {
    ...{ accountId, connectionId, s1AccountId, checkpoint },
    watermark: page.activities.at(-1)?.createdAt ?? null,
    rejects: [],
    ...page,
  };
}

const FIRST_MICROS = toMicros('2026-01-15T09:00:00.123456Z');
const BOUNDS = { earliestMicros: toMicros('2013-01-01T00:00:00Z'), latestMicros: toMicros('2099-01-01T00:00:00Z') };

type Fields = Readonly<Record<string, unknown>>;

/** The `index`th activity of a console: ids and times rise together, a second apart. */
export function anActivity(index: number, fields: Fields = {}): PreparedActivity {
  const text = JSON.stringify({
    id: String(1_400_000_000_000_000_000n + BigInt(index)),
    createdAt: toInstant(FIRST_MICROS + index * MICROS_PER_SECOND),
    activityType: 4003,
    primaryDescription: `activity ${index}`,
    ...fields,
  });
  return activityOf(text);
}

/** An activity from its own JSON text, ready to be stored. */
export function activityOf(text: string): PreparedActivity {
  const result = readActivity({ text, value: parseLosslessJson(text) as Fields }, BOUNDS);
  if (!result.ok) throw new Error(`unreadable activity: ${result.reason}`);
  return createPreparer(new Map(), 1)(result.activity);
}

/** `count` activities from the `first`th on. */
export const activities = (first: number, count: number, fields: Fields = {}): PreparedActivity[] =>
  Array.from({ length: count }, (_, index) => anActivity(first + index, fields));

export const asTenant = <T>(database: Database, accountId: string, fn: (tenant: Tenant) => Promise<T>): Promise<T> =>
  withTenant(database, accountId, 'all', fn);
