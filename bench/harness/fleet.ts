// The whole stack with one worker, a console of many accounts and as many connections as a benchmark asks for. Every
// connection is a partner account and a SentinelOne account of its own, because an account holds one live connection
// for each SentinelOne account; all are made through the services behind the API.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { operator } from '../../src/api/http/request-facts.js';
import type { Intervals } from '../../src/domain/connection/chores.js';
import { type SimulatorControl, simulatorControl, simulatorState } from '../../src/embedded/demo/simulator-control.js';
import type { RunningStack } from '../../src/embedded/one-machine-stack.js';
import { startPostgres } from '../../src/embedded/postgres/postgres.js';
import { waitFor } from '../../src/embedded/processes/wait-for.js';
import { openServices, type Services } from '../../src/embedded/services.js';
import type { StackFile } from '../../src/embedded/stack-file.js';
import { withStack } from './stack.js';

/**
 * How many connections are being made at any moment: more would wait for each other in the worker, as a person never
 * does.
 */
const CREATED_AT_ONCE = 8;
/** A busy worker may be too late for a command, which then was not carried out and is given again. */
const CREATE_ATTEMPTS = 5;
const RETRY_MS = 2_000;
const STATE_TIMEOUT_MS = 120_000;

export interface FleetConnection {
  readonly accountId: string;
  readonly connectionId: string;
  readonly s1AccountId: string;
}

export interface Fleet {
  readonly services: Services;
  readonly simulator: SimulatorControl;
  /** By the part's name: postgres, temporal, simulator, worker, api. */
  readonly pids: Readonly<Record<string, number>>;
  readonly postgresVersion: string;
  /** All so far; the order is that of the console's accounts. */
  readonly connections: readonly FleetConnection[];
  /**
   * Makes connections until there are so many; returns the seconds that it took. Null when the stack was too busy to
   * take them all, which is an answer too: those that were made stay.
   */
  growTo(count: number): Promise<number | null>;
}

export interface FleetSettings {
  /** Accounts that the console has: the most connections that there can be. */
  readonly capacity: number;
  /** Everything else is as in production. */
  readonly intervals: Partial<Intervals>;
  readonly log: (line: string) => void;
}

/** Brings the stack up, does the work, and takes everything down again, also when the work fails. */
export async function withFleet<T>(settings: FleetSettings, work: (fleet: Fleet) => Promise<T>): Promise<T> {
  const { capacity, intervals, log } = settings;
  const prepare = async (dataDir: string) => {
    await keepCommitTimes(dataDir);
    const accounts = join(dataDir, 'console-accounts.json');
    await writeFile(accounts, JSON.stringify(consoleAccounts(capacity)));
    return ['--accounts', accounts];
  };
  return withStack({ log, prepare }, async (running, dataDir) => {
    const services = await openServices(running, { eventRetentionDays: 365, intervals });
    try {
      return await work(await fleetOn({ running, services, dataDir, log }));
    } finally {
      await services.close();
    }
  });
}

const consoleAccounts = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: `Customer ${n + 1}`, sites: [{ name: 'Office', agents: 1 }] }));

/** Only a restart turns it on, so the stack's server runs once before the stack does. */
async function keepCommitTimes(dataDir: string): Promise<void> {
  const postgres = await startPostgres({ dataDir });
  try {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('alter system set track_commit_timestamp = on').finally(() => client.end());
  } finally {
    await postgres.stop();
  }
}

async function fleetOn(of: {
  readonly running: RunningStack;
  readonly services: Services;
  readonly dataDir: string;
  readonly log: (line: string) => void;
}): Promise<Fleet> {
  const { running, services, dataDir, log } = of;
  if (running.simulatorUrl === null) throw new Error('the stack has no simulated console');
  const simulator = simulatorControl(running.simulatorUrl);
  const { accounts } = await simulatorState(simulator);
  const { pids } = JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8')) as StackFile;
  const version = await services.owner.pool.query<{ server_version: string }>('show server_version');
  const connections: FleetConnection[] = [];
  return {
    services,
    simulator,
    pids,
    connections,
    postgresVersion: String(version.rows[0]?.server_version),
    async growTo(count) {
      const startedAtMs = performance.now();
      const wanted = accounts.slice(connections.length, count).values();
      const made: FleetConnection[] = [];
      const failures: unknown[] = [];
      const makeSome = async () => {
        for (const { id } of wanted) {
          if (failures.length > 0) return;
          try {
            made.push(await connect({ services, simulator, s1AccountId: id, log }));
          } catch (error) {
            failures.push(error);
          }
        }
      };
      await Promise.all(Array.from({ length: CREATED_AT_ONCE }, makeSome));
      connections.push(...made);
      const seconds = (performance.now() - startedAtMs) / 1000;
      log(`${connections.length} connections, the last ${made.length} made in ${Math.round(seconds)} s`);
      const [failure] = failures;
      if (failure === undefined) return seconds;
      log(`${count} could not be made: ${failure instanceof Error ? failure.message : typeof failure}`);
      return null;
    },
  };
}

interface Connecting {
  readonly services: Services;
  readonly simulator: SimulatorControl;
  readonly s1AccountId: string;
  readonly log: (line: string) => void;
}

/** A connection that collects, with its site mapped. */
async function connect({ services, simulator, s1AccountId, log }: Connecting): Promise<FleetConnection> {
  const name = `Bench ${s1AccountId}`;
  const { token } = (await simulator.order('add-token', { label: name, accountIds: [s1AccountId] })) as {
    readonly token: string;
  };
  const { id: accountId } = await services.accounts.create({ name });
  const doer = operator(accountId, 'bench');
  const { id: organizationId } = await services.organizations.create(doer, {
    name: 'Customer',
    externalKey: null,
  });
  const request = {
    name: 'SentinelOne',
    consoleUrl: simulator.url,
    apiToken: token,
    defaultOrganizationId: organizationId,
  };
  const key = `bench ${s1AccountId}`;
  const made = await again(log, () => services.connectionCreation.create(doer, request, key));
  const { id: connectionId } = made.body;
  const inState = (states: readonly string[]) => async () =>
    states.includes((await services.connectionQueries.find(doer.principal, connectionId)).state) ? true : undefined;
  const wait = { timeoutMs: STATE_TIMEOUT_MS };
  await waitFor('a connection to be accepted', inState(['awaiting_mapping', 'active']), wait);
  await again(log, async () => {
    const { version, items } = await services.connectionQueries.sites(doer.principal, connectionId);
    const changes = items.map(({ siteId }) => ({ siteId, organizationId }));
    return services.mapping.change(doer, connectionId, { version, changes, collectDiscarded: false });
  });
  await waitFor('a connection to collect', inState(['active']), wait);
  return { accountId, connectionId, s1AccountId };
}

async function again<T>(log: (line: string) => void, command: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await command();
    } catch (error) {
      if (attempt === CREATE_ATTEMPTS) throw error;
      log(`a command is given again: ${error instanceof Error ? error.message : String(error)}`);
      await delay(RETRY_MS);
    }
  }
}
