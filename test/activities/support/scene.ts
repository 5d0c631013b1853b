// A scene for tests of activities: a simulated console, a partner account with three organizations, and one connection
// to the console. Everything is real but Temporal, in whose place stands its test kit.
import type { Deps } from '../../../activities/index.js';
import type { SimulatorOptions } from '../../../simulator/options.js';
import { type Simulator, startSimulator } from '../../../simulator/server.js';
import { type AllowedOrigin, parseAllowedOrigins } from '../../../src/domain/connection/console-address.js';
import { toInstant } from '../../../src/domain/instant.js';
import { createSentinelOne, type SentinelOne } from '../../../src/sentinelone/client.js';
import type { ClockPatience } from '../../../src/sentinelone/http/console-clock.js';
import type { Timeouts } from '../../../src/sentinelone/http/exchange.js';
import {
  type AccountRef,
  anAccountOfTwo,
  aNewConnection,
  anOrganization,
  aPendingCredential,
  consoleAccounts,
  type TokenStore,
} from '../../support/builders.js';
import { createSceneActivities, type Output, type Rest, type SceneActivities } from './scene-activities.js';
import { createSceneConsole, type SceneConsole } from './scene-console.js';
import { createSceneRows, type SceneRows } from './scene-rows.js';

export interface SceneOptions extends SimulatorOptions {
  /** Console time minus this is where collection begins; by default the connection does not say. */
  readonly collectFromAgoMs?: number;
  readonly allowedOrigins?: string;
  readonly consoleUrl?: string;
  readonly apiToken?: string;
  readonly timeouts?: Partial<Timeouts>;
  readonly clockPatience?: ClockPatience;
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly sentence: string;
}

export interface Scene extends SceneConsole, SceneActivities, SceneRows {
  readonly accountId: string;
  readonly connectionId: string;
  readonly ref: { readonly accountId: string; readonly connectionId: string };
  /** The token that the connection was made with. */
  readonly credentialId: string;
  readonly deps: Deps;
  readonly logs: readonly LogLine[];
  /** Of three living ones; the first is the connection's default. */
  organizationId(n: number): string;
  /** Another connection of this account, to the same console. Returns its id. */
  secondConnection(): Promise<string>;
  /** A token of this connection as the API leaves it behind. Returns the credential's id. */
  insertCredential(token: string): Promise<string>;
  /** Validated and shown as active, without a mapping. */
  accept(): Promise<Scene>;
  /** Shows a state, as the workflow does after each change. */
  project(state: Rest<'projectStatus'>['state']): Promise<void>;
  /** Maps sites by their place in the seed to organizations by theirs; null unmaps. */
  map(changes: Readonly<Record<number, number | null>>, collectDiscarded?: boolean): Promise<Output<'applyMapping'>>;
  close(): Promise<void>;
}

export async function openScene(store: TokenStore, options: SceneOptions): Promise<Scene> {
  const { collectFromAgoMs, allowedOrigins, consoleUrl, apiToken, timeouts, clockPatience, ...simulated } = options;
  const simulator = await startSimulator({ accounts: consoleAccounts(3, 3, 2), ...simulated, port: 0 });
  const origins = originsOf(allowedOrigins ?? simulator.url);
  const sentinelOne = createSentinelOne({
    allowedOrigins: origins,
    userAgent: 'activity-tests',
    requestsPerSecond: 0,
    // Tests set the console's clock forward instead of waiting.
    clockPatience: clockPatience ?? { replies: 1, spanMs: 0 },
    ...(timeouts === undefined ? {} : { timeouts }),
  });
  const account = await anAccountOfTwo(store.database);
  const third = await anOrganization(store.database, account);
  const connection = await aNewConnection(store, {
    account,
    consoleUrl: consoleUrl ?? simulator.url,
    token: apiToken ?? simulator.token,
    collectFrom:
      collectFromAgoMs === undefined ? null : toInstant((simulator.state.clock.nowMs() - collectFromAgoMs) * 1000),
  });
  return createScene({
    store,
    simulator,
    sentinelOne,
    origins,
    account,
    organizationIds: [account.organizationId, account.otherOrganizationId, third],
    ...connection,
  });
}

interface SceneParts {
  readonly store: TokenStore;
  readonly simulator: Simulator;
  readonly sentinelOne: SentinelOne;
  readonly origins: readonly AllowedOrigin[];
  readonly account: AccountRef;
  readonly organizationIds: readonly string[];
  readonly connectionId: string;
  readonly credentialId: string;
}

function createScene(parts: SceneParts): Scene {
  const { store, simulator, sentinelOne, origins, account, organizationIds, connectionId, credentialId } = parts;
  const ref = { accountId: account.accountId, connectionId };
  const logs: LogLine[] = [];
  const level = (name: LogLine['level']) => (fields: object, sentence: string) =>
    void logs.push({ level: name, fields, sentence });
  const log = { info: level('info'), warn: level('warn'), error: level('error') };
  const deps: Deps = { ...store, sentinelOne, allowedOrigins: origins, log };
  const organizationId = (n: number) => organizationIds[n] ?? '';
  const ofConsole = createSceneConsole(simulator, organizationId);
  const calls = createSceneActivities(deps, ref);
  const ofStore = createSceneRows(store.database, { ...ref, credentialId });
  let commands = 0;
  const commandId = () => {
    commands += 1;
    return `command-${commands}`;
  };
  const project: Scene['project'] = async (state) => {
    const stateSeq = Number((await ofStore.connection())['state_seq']) + 1;
    await calls.call('projectStatus', { state, stateSeq, pauseReasons: [], cause: 'test' });
  };

  const scene: Scene = {
    ...ofConsole,
    ...calls,
    ...ofStore,
    ...ref,
    ref,
    credentialId,
    deps,
    logs,
    organizationId,
    project,
    async secondConnection() {
      const { url, token } = simulator;
      return (await aNewConnection(store, { account, consoleUrl: url, token })).connectionId;
    },
    insertCredential: (token) => aPendingCredential(store, { ...ref, token }),
    async accept() {
      const verdict = await calls.call('validateConnection', { commandId: commandId() });
      if (verdict.verdict !== 'accepted') throw new Error(`refused: ${verdict.code}`);
      await project('active');
      return scene;
    },
    async map(changes, collectDiscarded = false) {
      return calls.call('applyMapping', {
        commandId: commandId(),
        version: Number((await ofStore.connection())['mapping_version']),
        changes: Object.entries(changes).map(([site, organization]) => ({
          siteId: ofConsole.siteId(Number(site)),
          organizationId: organization === null ? null : organizationId(organization),
        })),
        collectDiscarded,
      });
    },
    async close() {
      await simulator.close();
      await sentinelOne.close();
    },
  };
  return scene;
}

function originsOf(list: string): readonly AllowedOrigin[] {
  const parsed = parseAllowedOrigins(list);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.origins;
}
