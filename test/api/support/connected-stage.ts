// The api with everything behind it: a simulated console, the Temporal dev server, and a real worker that a test may
// stop and start again, on queues that no other test listens on.
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../../activities/index.js';
import type { SimulatorOptions } from '../../../simulator/options.js';
import { type Simulator, startSimulator } from '../../../simulator/server.js';
import type { Principal } from '../../../src/api/http/principal.js';
import { createChangeSender } from '../../../src/changes/change-sender.js';
import { DEFAULT_INTERVALS, type Intervals } from '../../../src/domain/connection/chores.js';
import { parseAllowedOrigins } from '../../../src/domain/connection/console-address.js';
import { backfillQueueOf, commandQueueOf } from '../../../src/domain/temporal-names.js';
import { createLog } from '../../../src/log.js';
import { createSentinelOne } from '../../../src/sentinelone/client.js';
import { connectionsByAccount } from '../../../src/store/connections/repair.repository.js';
import { openDatabase } from '../../../src/store/database.js';
import { createTokenCipher } from '../../../src/store/token-cipher.js';
import { createConnectionCommands } from '../../../src/temporal/connection-commands.js';
import { createConnectionRepair } from '../../../src/temporal/connection-repair.js';
import { createRepairAll } from '../../../src/temporal/repair-all.js';
import { createConnectionRepairs } from '../../../src/worker/connection-repairs.js';
import { workflowBundle } from '../../../src/worker/workflow-bundle.js';
import { anAccountOfTwo, consoleAccounts } from '../../support/builders.js';
import { connectTemporal, type TestTemporal } from '../../support/temporal.js';
import { type Account, type ApiStage, aPrincipal, type Call, openApiStage } from './api-stage.js';
import type { Reply } from './http-reply.js';

/** Polls are quick, because tests wait for them; nothing else happens by itself. */
const INTERVALS: Intervals = {
  ...DEFAULT_INTERVALS,
  pollIntervalMs: 1_000,
  sitesIntervalMs: DEFAULT_INTERVALS.tokenCheckIntervalMs,
  licenseCountsIntervalMs: DEFAULT_INTERVALS.tokenCheckIntervalMs,
};

export interface ConnectedStage extends AsyncDisposable {
  readonly api: ApiStage;
  readonly temporal: TestTemporal;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  /** An account of its own with a simulated console of its own. */
  partner(options?: SimulatorOptions): Promise<Partner>;
}

Runtime.install({ logger: new DefaultLogger('ERROR') });

export interface ConnectedOptions {
  readonly changes?: { readonly heartbeatMs?: number; readonly maxStreamsPerAccount?: number };
  /** `host:port` of something between the api and Temporal, and its database. */
  readonly temporalThrough?: string;
  readonly databaseThrough?: string;
  /** The pace of `/activities`; by default everything is unpaced. */
  readonly requestsPerSecond?: number;
}

export async function openConnectedStage(options: ConnectedOptions = {}): Promise<ConnectedStage> {
  const { changes = {}, temporalThrough, databaseThrough, requestsPerSecond = 0 } = options;
  const temporal = await connectTemporal();
  const lazily = temporalThrough === undefined ? undefined : Connection.lazy({ address: temporalThrough });
  const client = lazily === undefined ? temporal.client : new Client({ connection: lazily });
  const cipher = createTokenCipher([{ kid: 'test', key: randomBytes(32) }]);
  const simulators: Simulator[] = [];
  const origins = parseAllowedOrigins('http://127.0.0.1');
  if (!origins.ok) throw new Error(origins.problem);
  // Consoles come later, on ports that nobody knows yet.
  const allowedOrigins = [...origins.origins];
  const { taskQueue } = temporal;
  const api = await openApiStage({
    ...(databaseThrough === undefined ? {} : { databaseThrough }),
    partsOn: (database) => {
      const repair = createConnectionRepair({ database, temporal: client, taskQueue, intervals: INTERVALS });
      return {
        changes,
        connections: {
          commands: createConnectionCommands(client, { taskQueue, repair }),
          cipher,
          allowedOrigins,
          eventRetentionDays: 365,
          intervals: INTERVALS,
        },
        repairs: {
          repair,
          repairAll: createRepairAll({ temporal: client, repair, connections: () => connectionsByAccount(database) }),
        },
      };
    },
  });
  const database = openDatabase({ url: api.databaseUrl });
  const log = createLog({ process: 'worker', level: 'silent' });
  const sentinelOne = createSentinelOne({ allowedOrigins, requestsPerSecond, userAgent: 'api-tests' });
  const sender = createChangeSender({ database, log });
  const repairConnections = createConnectionRepairs({ database, temporal: client, log, taskQueue });
  const activities = createActivities({
    database,
    sentinelOne,
    allowedOrigins,
    cipher,
    log,
    changes: sender,
    repairConnections,
  });
  let workers: { worker: Worker; running: Promise<void> }[] = [];

  const stopWorker = async () => {
    for (const { worker } of workers) worker.shutdown();
    await Promise.all(workers.map(({ running }) => running));
    workers = [];
  };

  return {
    api,
    temporal,
    stopWorker,
    async startWorker() {
      const shared = {
        connection: temporal.connection,
        activities: { ...activities },
        workflowBundle: await workflowBundle(new DefaultLogger('ERROR')),
        maxHeartbeatThrottleInterval: '1 second' as const,
        shutdownForceTime: '5 seconds' as const,
        shutdownGraceTime: '1 second' as const,
      };
      const { taskQueue: queue } = temporal;
      for (const taskQueue of [queue, commandQueueOf(queue), backfillQueueOf(queue)]) {
        const worker = await Worker.create({ ...shared, taskQueue });
        workers.push({ worker, running: worker.run() });
      }
    },
    async partner(options = {}) {
      const simulator = await startSimulator({ accounts: consoleAccounts(3, 2, 1), ...options, port: 0 });
      simulators.push(simulator);
      const parsed = parseAllowedOrigins(simulator.url);
      if (parsed.ok) allowedOrigins.push(...parsed.origins);
      return new Partner(api, simulator, await anAccountOfTwo(api.owner));
    },
    async [Symbol.asyncDispose]() {
      await stopWorker();
      sender.close();
      await sentinelOne.close();
      await database.close();
      await api.close();
      for (const simulator of simulators) await simulator.close();
      // `lazily` stays open: a client that is still trying again throws when its connection is closed.
      await temporal[Symbol.asyncDispose]();
    },
  };
}

/** A partner's admin with a console. */
export class Partner {
  readonly admin: Principal;
  connectionId = '';

  constructor(
    readonly api: ApiStage,
    readonly simulator: Simulator,
    readonly account: Account,
  ) {
    this.admin = aPrincipal(account);
  }

  call(route: string, options: Call = {}): Promise<Reply> {
    return this.api.call(route, { as: this.admin, ...options });
  }

  /** A route below this partner's connection. */
  on(route: string, options: Call = {}): Promise<Reply> {
    const [method, path = ''] = route.split(' ', 2);
    return this.call(`${method} /v1/connections/${this.connectionId}${path}`, options);
  }

  as(role: Principal['role']): Principal {
    return aPrincipal(this.account, role);
  }

  request(rest: object = {}): object {
    return {
      name: 'Northwind',
      consoleUrl: `${this.simulator.url}/dashboard?x=1`,
      apiToken: this.simulator.token,
      defaultOrganizationId: this.account.organizationId,
      ...rest,
    };
  }

  create(rest: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
    return this.call('POST /v1/connections', { body: this.request(rest), headers });
  }

  async connect(rest: object = {}): Promise<this> {
    const reply = await this.create(rest);
    if (reply.status !== 201) throw new Error(`${reply.status} ${reply.text}`);
    this.connectionId = reply.body.id;
    return this;
  }

  siteId(n: number): string {
    return this.simulator.state.world.sites[n]?.id ?? '';
  }

  /** Maps sites by their place; null unmaps. */
  async map(changes: Readonly<Record<number, string | null>>, rest: object = {}): Promise<Reply> {
    const { version } = (await this.on('GET /sites')).body;
    return this.on('PUT /mapping', {
      body: {
        version,
        changes: Object.entries(changes).map(([n, organizationId]) => ({
          siteId: this.siteId(Number(n)),
          organizationId,
        })),
        ...rest,
      },
    });
  }

  view = async () => (await this.on('GET ')).body;
}

/** Waits for a condition that something else is about to make true. */
export async function eventually<T>(look: () => T | Promise<T>, isGood: (value: T) => boolean): Promise<T> {
  const giveUpAt = Date.now() + 50_000;
  for (;;) {
    const value = await look();
    if (isGood(value)) return value;
    if (Date.now() > giveUpAt) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
