// Where activities are tested: a database of the file's own, and for each test a scene with a simulated console, a partner
// account and one connection to it. Everything is real but Temporal, whose context activity-run.ts stands in for.
import { randomBytes, randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { type Activities, createActivities, type Deps } from '../../../activities/index.js';
import type { TruthRow } from '../../../simulator/activities/truth.js';
import type { SimulatorOptions } from '../../../simulator/options.js';
import { type Simulator, startSimulator } from '../../../simulator/server.js';
import { type AllowedOrigin, parseAllowedOrigins } from '../../../src/domain/connection/console-address.js';
import { toInstant } from '../../../src/domain/instant.js';
import { lastFour, Secret } from '../../../src/domain/secret.js';
import { createSentinelOne, type SentinelOne } from '../../../src/sentinelone/client.js';
import type { Timeouts } from '../../../src/sentinelone/http/exchange.js';
import { insertConnection } from '../../../src/store/connections/connection.repository.js';
import { insertPendingCredential } from '../../../src/store/connections/credential.repository.js';
import { type Database, openDatabase } from '../../../src/store/database.js';
import { createTokenCipher, type TokenCipher } from '../../../src/store/token-cipher.js';
import { type ActivityRun, runActivity } from '../../support/activity-run.js';
import { anAccount, anOrganization, asTenant } from '../../support/builders.js';
import { createTestDatabase } from '../../support/database.js';

export type ActivityName = keyof Activities;
type Input<Name extends ActivityName> = Parameters<Activities[Name]>[0];
type Output<Name extends ActivityName> = Awaited<ReturnType<Activities[Name]>>;
/** An activity's input without the connection, which the scene fills in. */
export type Rest<Name extends ActivityName> = Omit<Input<Name>, 'accountId' | 'connectionId'> & {
  readonly accountId?: string;
  readonly connectionId?: string;
};

export type Row = Readonly<Record<string, unknown>>;

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly sentence: string;
}

export interface Stage extends AsyncDisposable {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly cipher: TokenCipher;
  /** A console, an account with three organizations, and a connection that waits for validation. */
  scene(options?: SceneOptions): Promise<Scene>;
}

export interface SceneOptions extends SimulatorOptions {
  /** Console time minus this is where collection begins; by default the connection does not say. */
  readonly collectFromAgoMs?: number;
  readonly allowedOrigins?: string;
  readonly consoleUrl?: string;
  readonly apiToken?: string;
  readonly timeouts?: Partial<Timeouts>;
}

/** A place for three small customers, so that a test may leave one unmapped. */
export const ACCOUNTS = [
  {
    name: 'Northwind MSP',
    sites: [
      { name: 'Alder Dental Group', agents: 3 },
      { name: 'Brightwater Logistics', agents: 3 },
      { name: 'Cobalt & Sons', agents: 2 },
    ],
  },
  { name: 'Southgate Security', sites: [{ name: 'Harbour Clinic', agents: 2 }] },
];

export const INTERVAL_MS = 30_000;

export async function openStage(): Promise<Stage> {
  const testDatabase = await createTestDatabase();
  const database = openDatabase({ url: testDatabase.url });
  const cipher = createTokenCipher([{ kid: 'test', key: randomBytes(32) }]);
  const opened: Scene[] = [];
  return {
    database,
    databaseUrl: testDatabase.url,
    cipher,
    async scene(options = {}) {
      const scene = await openScene({ database, cipher }, options);
      opened.push(scene);
      return scene;
    },
    async [Symbol.asyncDispose]() {
      for (const scene of opened) await scene.close();
      await database.close();
      await testDatabase.drop();
    },
  };
}

async function openScene(store: Pick<Stage, 'database' | 'cipher'>, options: SceneOptions): Promise<Scene> {
  const { collectFromAgoMs, allowedOrigins, consoleUrl, apiToken, timeouts, ...simulated } = options;
  const simulator = await startSimulator({ accounts: ACCOUNTS, ...simulated, port: 0 });
  const origins = originsOf(allowedOrigins ?? simulator.url);
  const sentinelOne = createSentinelOne({
    allowedOrigins: origins,
    userAgent: 'activity-tests',
    requestsPerSecond: 0,
    ...(timeouts === undefined ? {} : { timeouts }),
  });
  const { accountId, organizationId } = await anAccount(store.database);
  const organizationIds = [organizationId];
  while (organizationIds.length < 3) organizationIds.push(await anOrganization(store.database, { accountId }));
  const scene = new Scene({ ...store, simulator, sentinelOne, origins, accountId, organizationIds });
  await scene.setUp({
    consoleUrl: consoleUrl ?? simulator.url,
    token: apiToken ?? simulator.token,
    collectFrom:
      collectFromAgoMs === undefined ? null : toInstant((simulator.state.clock.nowMs() - collectFromAgoMs) * 1000),
  });
  return scene;
}

function originsOf(list: string): readonly AllowedOrigin[] {
  const parsed = parseAllowedOrigins(list);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.origins;
}

interface SceneParts {
  readonly database: Database;
  readonly cipher: TokenCipher;
  readonly simulator: Simulator;
  readonly sentinelOne: SentinelOne;
  readonly origins: readonly AllowedOrigin[];
  readonly accountId: string;
  readonly organizationIds: readonly string[];
}

export class Scene {
  readonly logs: LogLine[] = [];
  readonly deps: Deps;
  readonly activities: Activities;
  readonly simulator: Simulator;
  readonly accountId: string;
  readonly connectionId = randomUUID();
  /** Three living ones; the first is the connection's default. */
  readonly organizationIds: readonly string[];
  credentialId = '';
  private commands = 0;

  constructor(private readonly parts: SceneParts) {
    const { database, cipher, sentinelOne, origins } = parts;
    this.simulator = parts.simulator;
    this.accountId = parts.accountId;
    this.organizationIds = parts.organizationIds;
    const level = (name: LogLine['level']) => (fields: object, sentence: string) =>
      void this.logs.push({ level: name, fields, sentence });
    const log = { info: level('info'), warn: level('warn'), error: level('error') };
    this.deps = { database, sentinelOne, allowedOrigins: origins, cipher, log };
    this.activities = createActivities(this.deps);
  }

  get ref() {
    return { accountId: this.accountId, connectionId: this.connectionId };
  }

  get s1AccountId(): string {
    return this.simulator.state.world.accounts[0]?.id ?? '';
  }

  /** The first account's sites, in the order of the seed. */
  get siteIds(): string[] {
    return this.simulator.state.world.sites.filter((site) => site.account.id === this.s1AccountId).map(({ id }) => id);
  }

  siteId(n: number): string {
    return this.siteIds[n] ?? '';
  }

  agentIds(site: number): string[] {
    const { world } = this.simulator.state;
    return world.agents.filter((agent) => agent.site.id === this.siteId(site)).map(({ id }) => id);
  }

  agentId(site: number, n = 0): string {
    return this.agentIds(site)[n] ?? '';
  }

  organizationId(n: number): string {
    return this.organizationIds[n] ?? '';
  }

  commandId(): string {
    this.commands += 1;
    return `command-${this.commands}`;
  }

  async setUp(connection: { consoleUrl: string; token: string; collectFrom: string | null }): Promise<void> {
    this.credentialId = await this.insertConnection(this.connectionId, connection);
  }

  /** Another connection of this account, or of the one given, to the same console. */
  async insertConnection(
    id: string,
    connection: { consoleUrl: string; token: string; collectFrom: string | null },
  ): Promise<string> {
    const credentialId = randomUUID();
    await asTenant(this.parts.database, this.accountId, (tenant) =>
      insertConnection(tenant, {
        id,
        name: 'Northwind',
        consoleUrl: connection.consoleUrl,
        defaultOrganizationId: this.organizationId(0),
        collectFrom: connection.collectFrom,
        pollIntervalSeconds: INTERVAL_MS / 1000,
        credentialId,
      }),
    );
    await this.insertCredential(connection.token, { id: credentialId, connectionId: id });
    return credentialId;
  }

  /** A token as the API leaves it behind: encrypted and pending. */
  async insertCredential(token: string, of: { id?: string; connectionId?: string } = {}): Promise<string> {
    const { id = randomUUID(), connectionId = this.connectionId } = of;
    const owner = { accountId: this.accountId, connectionId };
    const secret = new Secret(token);
    const tokenJwe = await this.parts.cipher.encrypt(secret, owner);
    await asTenant(this.parts.database, this.accountId, (tenant) =>
      insertPendingCredential(tenant, { id, connectionId, tokenJwe, lastFour: lastFour(secret) }),
    );
    return id;
  }

  /** Starts an activity on this scene's connection. */
  start<Name extends ActivityName>(name: Name, rest: Rest<Name>): ActivityRun<Output<Name>> {
    const activity = this.activities[name] as (input: unknown) => Promise<Output<Name>>;
    return runActivity(() => activity({ ...this.ref, ...rest }));
  }

  call<Name extends ActivityName>(name: Name, rest: Rest<Name>): Promise<Output<Name>> {
    return this.start(name, rest).result;
  }

  /** The failure that an activity ends with; it is an error of the test when it does not fail so. */
  async failure<Name extends ActivityName>(name: Name, rest: Rest<Name>): Promise<ApplicationFailure> {
    const outcome = await this.call(name, rest).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    if ('error' in outcome && outcome.error instanceof ApplicationFailure) return outcome.error;
    throw new Error(`${name} did not end with an ApplicationFailure`, { cause: outcome });
  }

  /** Validated and shown as active, without a mapping. */
  async accept(): Promise<this> {
    const verdict = await this.call('validateConnection', { commandId: this.commandId() });
    if (verdict.verdict !== 'accepted') throw new Error(`refused: ${verdict.code}`);
    await this.project('active');
    return this;
  }

  /** Shows a state, as the workflow does after each change. */
  async project(state: Input<'projectStatus'>['state'], stateSeq?: number): Promise<void> {
    const seq = stateSeq ?? Number((await this.connection())['state_seq']) + 1;
    await this.call('projectStatus', { state, stateSeq: seq, pauseReasons: [], cause: 'test' });
  }

  /** Maps sites by their place in the seed to organizations by theirs; null unmaps. */
  async map(
    changes: Readonly<Record<number, number | null>>,
    collectDiscarded = false,
  ): Promise<Output<'applyMapping'>> {
    return this.call('applyMapping', {
      commandId: this.commandId(),
      version: Number((await this.connection())['mapping_version']),
      changes: Object.entries(changes).map(([site, organization]) => ({
        siteId: this.siteId(Number(site)),
        organizationId: organization === null ? null : this.organizationId(organization),
      })),
      collectDiscarded,
    });
  }

  poll = (): Promise<Output<'pollActivities'>> => this.call('pollActivities', { pollIntervalMs: INTERVAL_MS });
  failedPoll = (): Promise<ApplicationFailure> => this.failure('pollActivities', { pollIntervalMs: INTERVAL_MS });

  async query(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.parts.database.pool.query<Row>(sql, [...values])).rows;
  }

  /** Rows of one of the tables that carry `account_id` and `connection_id`. */
  rows(table: string, rest = ''): Promise<Row[]> {
    return this.query(`select * from ${table} where account_id = $1 and connection_id = $2 ${rest}`, [
      this.accountId,
      this.connectionId,
    ]);
  }

  async connection(): Promise<Row> {
    const [row] = await this.query('select * from connections where account_id = $1 and id = $2', [
      this.accountId,
      this.connectionId,
    ]);
    if (row === undefined) throw new Error('the connection is gone');
    return row;
  }

  async credential(id = this.credentialId): Promise<Row> {
    const [row] = await this.rows('credentials', `and id = '${id}'`);
    if (row === undefined) throw new Error('no such credential');
    return row;
  }

  async watermark(): Promise<unknown> {
    const [row] = await this.rows('checkpoints', "and kind = 'live'");
    return row?.['watermark'] ?? null;
  }

  /** `activity_id → organization_id`, which fails when an activity is stored twice. */
  async stored(): Promise<Map<string, string>> {
    const rows = await this.rows('events');
    const stored = new Map(rows.map((row) => [String(row['activity_id']), String(row['organization_id'])]));
    if (stored.size !== rows.length) throw new Error('an activity was stored twice');
    return stored;
  }

  async discarded(): Promise<Map<string, Row>> {
    const rows = await this.rows('discards');
    return new Map(rows.map((row) => [String(row['activity_id']), row]));
  }

  /** What the console really holds for the first account and a client can see. */
  truth(filter: { readonly fromMicros?: number; readonly beforeMicros?: number } = {}): TruthRow[] {
    return [...this.simulator.truth({ accountIds: [this.s1AccountId], hidden: false, ...filter })];
  }

  /** Where each row that the console holds belongs, by a mapping as `map` takes it; null for a discard. */
  expected(mapping: Readonly<Record<number, number>>, rows = this.truth()): Map<string, string | null> {
    const organizationOf = new Map(
      Object.entries(mapping).map(([site, n]) => [this.siteId(Number(site)), this.organizationId(n)]),
    );
    return new Map(
      rows.map(({ id, resolvedSiteId, agentId }) => {
        const none = agentId === null ? this.organizationId(0) : null;
        return [String(id), resolvedSiteId === null ? none : (organizationOf.get(resolvedSiteId) ?? null)];
      }),
    );
  }

  /** Where each row that was collected went, in the form of `expected`. */
  async collected(): Promise<Map<string, string | null>> {
    const all = new Map<string, string | null>(await this.stored());
    for (const id of (await this.discarded()).keys()) {
      if (all.has(id)) throw new Error('an activity was stored and discarded');
      all.set(id, null);
    }
    return all;
  }

  async close(): Promise<void> {
    await this.simulator.close();
    await this.parts.sentinelOne.close();
  }
}

/** The same entries in the order of their keys, so that two maps can be compared at a glance. */
export const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** Waits for a condition that something else is about to make true. */
export async function eventually<T>(look: () => T | Promise<T>, isGood: (value: T) => boolean): Promise<T> {
  const giveUpAt = Date.now() + 20_000;
  for (;;) {
    const value = await look();
    if (isGood(value)) return value;
    if (Date.now() > giveUpAt) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
