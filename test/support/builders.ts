// Accounts, organizations, connections and what belongs to them, for tests of every kind. Each builder inserts the
// minimum and returns what a test needs to name it; whatever a test is about it says itself.
import { randomUUID } from 'node:crypto';
import type { AccountSeed } from '../../simulator/options.js';
import type { ConnectionState } from '../../src/domain/connection/connection-state.js';
import { readActivity } from '../../src/domain/ecs/read-activity.js';
import { MICROS_PER_SECOND, toInstant, toMicros } from '../../src/domain/instant.js';
import { parseLosslessJson } from '../../src/domain/json/lossless-json.js';
import { lastFour, Secret } from '../../src/domain/secret.js';
import { liveCheckpoint } from '../../src/store/collecting/checkpoint.repository.js';
import { lockRouting } from '../../src/store/connection-lock.js';
import { insertConnection, setMappingVersion } from '../../src/store/connections/connection.repository.js';
import { insertPendingCredential } from '../../src/store/connections/credential.repository.js';
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
import type { TokenCipher } from '../../src/store/token-cipher.js';

export interface AccountRef {
  readonly accountId: string;
  readonly organizationId: string;
}

/**
 * What a simulated console holds: the partner's SentinelOne account with three small customers, so that a test may
 * leave one unmapped, and a stranger's account.
 */
export const consoleAccounts = (...agents: readonly [number, number, number]): readonly AccountSeed[] => {
  const names = ['Alder Dental Group', 'Brightwater Logistics', 'Cobalt & Sons'] as const;
  return [
    { name: 'Northwind MSP', sites: names.map((name, n) => ({ name, agents: agents[n] ?? 0 })) },
    { name: 'Southgate Security', sites: [{ name: 'Harbour Clinic', agents: 2 }] },
  ];
};

export interface AccountOfTwo extends AccountRef {
  /** A second organization, whose data the first one must not see. */
  readonly otherOrganizationId: string;
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

export async function anAccountOfTwo(database: Database): Promise<AccountOfTwo> {
  const account = await anAccount(database);
  return { ...account, otherOrganizationId: await anOrganization(database, account) };
}

export async function anOrganization(
  database: Database,
  { accountId }: { readonly accountId: string },
): Promise<string> {
  const id = randomUUID();
  await asTenant(database, accountId, (tenant) => insertOrganization(tenant, { id, name: `Organization ${id}` }));
  return id;
}

/** A connection of the account given or of a new one. The account's organization is its default. */
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

/** What a token is stored with. */
export interface TokenStore {
  readonly database: Database;
  readonly cipher: TokenCipher;
}

/** A connection as the API leaves it behind: waiting to be validated, its token pending. */
export async function aNewConnection(
  store: TokenStore,
  connection: {
    readonly account: AccountRef;
    readonly consoleUrl: string;
    readonly token: string;
    readonly collectFrom?: string | null;
  },
): Promise<{ readonly connectionId: string; readonly credentialId: string }> {
  const { account, consoleUrl, token, collectFrom = null } = connection;
  const { accountId, organizationId } = account;
  const [connectionId, credentialId] = [randomUUID(), randomUUID()];
  await asTenant(store.database, accountId, (tenant) =>
    insertConnection(tenant, {
      id: connectionId,
      name: 'Northwind',
      consoleUrl,
      defaultOrganizationId: organizationId,
      collectFrom,
      pollIntervalSeconds: 30,
      credentialId,
    }),
  );
  await aPendingCredential(store, { id: credentialId, accountId, connectionId, token });
  return { connectionId, credentialId };
}

/** A token as the API leaves it behind: encrypted, and pending until it has been tried. Returns the credential's id. */
export async function aPendingCredential(
  { database, cipher }: TokenStore,
  of: { readonly id?: string; readonly accountId: string; readonly connectionId: string; readonly token: string },
): Promise<string> {
  const { id = randomUUID(), accountId, connectionId, token } = of;
  const secret = new Secret(token);
  const tokenJwe = await cipher.encrypt(secret, { accountId, connectionId });
  await asTenant(database, accountId, (tenant) =>
    insertPendingCredential(tenant, { id, connectionId, tokenJwe, lastFour: lastFour(secret) }),
  );
  return id;
}

/** A site of the connection. When an organization is given it is mapped, which makes a new version of the mapping. */
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
    accountId,
    connectionId,
    s1AccountId,
    checkpoint,
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
