// A real stack for one test file: PostgreSQL, Temporal with its file, the simulated console in this process, and
// workers as processes of their own, each of which can be killed and started again. Tests speak to it through the api's
// services.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SimulatorOptions } from '../../../simulator/options.js';
import { type Simulator, startSimulator } from '../../../simulator/server.js';
import type { Intervals } from '../../../src/domain/connection/chores.js';
import { temporaryDataDir } from '../../../src/embedded/data-dir.js';
import type { RunningStack } from '../../../src/embedded/one-machine-stack.js';
import { ensureDatabase, type PostgresPart, startPostgres } from '../../../src/embedded/postgres/postgres.js';
import { withLogin } from '../../../src/embedded/postgres/with-login.js';
import { choosePort } from '../../../src/embedded/processes/free-port.js';
import { type Part, startPart } from '../../../src/embedded/processes/part.js';
import { whyNotReady } from '../../../src/embedded/processes/readiness.js';
import { waitFor } from '../../../src/embedded/processes/wait-for.js';
import { openServices, type Services } from '../../../src/embedded/services.js';
import { findTemporalCli } from '../../../src/embedded/temporal/temporal-cli.js';
import {
  type DynamicConfig,
  startTemporalServer,
  TEMPORAL_NAMESPACE,
  type TemporalServerPart,
} from '../../../src/embedded/temporal/temporal-server.js';
import { migrateToLatest } from '../../../src/store/migrate.js';
import { makeApiLogin } from '../../../src/store/roles/api-login.js';
import { consoleAccounts } from '../../support/builders.js';
import { type Proxy, startProxy } from '../../support/proxy.js';

export interface E2eOptions {
  readonly simulator?: SimulatorOptions;
  readonly intervals?: Partial<Intervals>;
  /** Temporal's; lower `limit.historyCount.suggestContinueAsNew` to see runs end. */
  readonly dynamicConfig?: DynamicConfig;
  /** False where nothing is killed: commits then wait for no disk. */
  readonly durable?: boolean;
  /** Origins beside the simulator's own. */
  readonly alsoAllowed?: readonly string[];
  /** 0 is unpaced. */
  readonly requestsPerSecond?: number;
}

export type Row = Readonly<Record<string, unknown>>;

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const DATABASE = 'e2e';
/** The server is the stack's own. */
const API_LOGIN = 'e2e_api:secret';
const RETENTION_DAYS = 365;
const WORKER_TIMEOUT_MS = 120_000;
const TIMEOUT_MS = 60_000;

/** Short where a test waits for it. */
export const QUICK: Partial<Intervals> = {
  pollIntervalMs: 300,
  sitesIntervalMs: 1_000,
  licenseCountsIntervalMs: 1_000,
};

/** Nothing comes by itself after the first time: what a test then sees is what it did. */
export const STILL: Partial<Intervals> = {
  pollIntervalMs: 900_000,
  sitesIntervalMs: 3_600_000,
  licenseCountsIntervalMs: 3_600_000,
};

/** Waits until `look` says true; errors count as no, because what it looks at may be away. Fails, naming `what`. */
export async function waitUntil(
  what: string,
  look: () => boolean | Promise<boolean>,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  await waitFor(what, async () => ((await look()) ? true : undefined), { timeoutMs });
}

export async function startE2eStack(options: E2eOptions = {}): Promise<E2eStack> {
  await using undo = new AsyncDisposableStack();
  const dataDir = await temporaryDataDir();
  undo.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const simulator = await startSimulator({ accounts: consoleAccounts(4, 4, 3), ...options.simulator });
  undo.defer(() => simulator.close());
  const proxy = await startProxy();
  undo.defer(() => proxy.close());
  const stack = new E2eStack({ dataDir, simulator, proxy, options, postgresPort: await choosePort() });
  undo.defer(() => stack.stopParts());
  await Promise.all([stack.startPostgres(), stack.startTemporal()]);
  await stack.open();
  stack.owns(undo.move());
  return stack;
}

interface StackParts {
  readonly dataDir: string;
  readonly simulator: Simulator;
  readonly proxy: Proxy;
  readonly options: E2eOptions;
  readonly postgresPort: number;
}

export class E2eStack implements AsyncDisposable {
  readonly dataDir: string;
  readonly simulator: Simulator;
  readonly encryptionKeys = `e2e:${randomBytes(32).toString('base64url')}`;
  private readonly opened: Services[] = [];
  private postgres: PostgresPart | undefined;
  private temporalServer: TemporalServerPart | undefined;
  private workers: Part[] = [];
  private readonly workerLines: string[] = [];
  private everything: AsyncDisposable | undefined;

  constructor(private readonly parts: StackParts) {
    this.dataDir = parts.dataDir;
    this.simulator = parts.simulator;
  }

  /** The api's services, with the intervals of this stack. */
  get services(): Services {
    const [first] = this.opened;
    if (first === undefined) throw new Error('the stack is not up yet');
    return first;
  }

  get databaseUrl(): string {
    const url = new URL(this.postgres?.url ?? '');
    url.pathname = `/${DATABASE}`;
    return url.href;
  }

  get apiDatabaseUrl(): string {
    return withLogin(this.databaseUrl, API_LOGIN);
  }

  /** What a process of the product is told. */
  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      DATABASE_URL: this.databaseUrl,
      API_DATABASE_URL: this.apiDatabaseUrl,
      TEMPORAL_ADDRESS: this.parts.proxy.address,
      TEMPORAL_NAMESPACE,
      ENCRYPTION_KEYS: this.encryptionKeys,
      SENTINELONE_ALLOWED_ORIGINS: this.allowedOrigins,
      SENTINELONE_REQUESTS_PER_SECOND: String(this.parts.options.requestsPerSecond ?? 0),
      LISTEN_HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
    };
  }

  get allowedOrigins(): string {
    return [this.simulator.url, ...(this.parts.options.alsoAllowed ?? [])].join(',');
  }

  /** Everything that the stack stops with it. */
  owns(everything: AsyncDisposable): void {
    this.everything = everything;
  }

  async startPostgres(): Promise<void> {
    const { dataDir, options, postgresPort } = this.parts;
    // A port of its own: the usual one could be taken by somebody else while this server is down.
    const durable = options.durable ?? true;
    this.postgres = await startPostgres({ dataDir, durable, preferredPort: postgresPort });
    await ensureDatabase(this.postgres.url, DATABASE);
    await migrateToLatest(this.databaseUrl);
    await makeApiLogin(this.databaseUrl, this.apiDatabaseUrl);
  }

  /** As a power cut would: no checkpoint, sessions torn. */
  async killPostgres(): Promise<void> {
    await endNow(this.postgres, 'SIGQUIT');
  }

  async stopPostgres(): Promise<void> {
    await this.postgres?.stop();
  }

  async startTemporal(): Promise<void> {
    const { dataDir, options, proxy } = this.parts;
    const { dynamicConfig = {} } = options;
    const cacheDir = join(PROJECT, '.cache');
    const cli = await findTemporalCli({ cliPath: process.env['TEMPORAL_CLI_PATH'], env: process.env, cacheDir });
    this.temporalServer = await startTemporalServer({ cliPath: cli.path, dataDir, anyPorts: true, dynamicConfig });
    proxy.point(this.temporalServer.address);
  }

  async killTemporal(): Promise<void> {
    this.parts.proxy.point(null);
    await endNow(this.temporalServer, 'SIGKILL');
  }

  get temporalAddress(): string {
    return this.parts.proxy.address;
  }

  /** One more worker process; returns when it polls. */
  async startWorker(environment: NodeJS.ProcessEnv = {}): Promise<Part> {
    let port: number | undefined;
    const worker = await startPart({
      name: 'worker',
      command: process.execPath,
      args: ['--import', 'tsx', join(PROJECT, 'src/main.worker.ts')],
      // It says itself which port it got: one that is chosen here could be taken in between.
      env: { ...this.environment, ...environment, WORKER_PORT: '0' },
      cwd: PROJECT,
      output: {
        onLine: (line) => {
          this.workerLines.push(line);
          port ??= portIn(line);
        },
      },
      graceMs: 20_000,
    });
    this.workers.push(worker);
    const check = async () => {
      const { status } = await fetch(`http://127.0.0.1:${port ?? 0}/healthz`);
      if (status !== 200) throw new Error(`/healthz answers ${status}`);
    };
    const failure = await whyNotReady({ part: worker, check, timeoutMs: WORKER_TIMEOUT_MS });
    if (failure !== undefined) {
      throw new Error(`the worker did not start: ${failure}\n${this.workerLines.slice(-15).join('\n')}`);
    }
    return worker;
  }

  async killWorkers({ but }: { readonly but?: Part } = {}): Promise<void> {
    const killed = this.workers.filter((worker) => worker !== but);
    this.workers = this.workers.filter((worker) => worker === but);
    for (const worker of killed) process.kill(worker.pid, 'SIGKILL');
    await Promise.all(killed.map((worker) => worker.exited));
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop()));
  }

  /** What the workers have printed so far. */
  workerLog(): string {
    return this.workerLines.join('\n');
  }

  /** Services of their own; new connections made through them have these intervals. */
  async open(intervals = this.parts.options.intervals ?? QUICK): Promise<Services> {
    const running: RunningStack = {
      apiUrl: '',
      temporalUiUrl: null,
      simulatorUrl: this.simulator.url,
      simulatorToken: this.simulator.token,
      databaseUrl: this.databaseUrl,
      temporalAddress: this.temporalAddress,
      temporalNamespace: TEMPORAL_NAMESPACE,
      encryptionKeys: this.encryptionKeys,
      allowedOrigins: this.allowedOrigins,
    };
    const services = await openServices(running, { intervals, eventRetentionDays: RETENTION_DAYS });
    this.opened.push(services);
    return services;
  }

  /** As the owner sees it, whoever's row it is. */
  async query(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.services.owner.pool.query<Row>(sql, [...values])).rows;
  }

  async count(sql: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.query(sql, values);
    return Number(Object.values(row ?? {})[0]);
  }

  async stopParts(): Promise<void> {
    await this.stopWorkers();
    await Promise.all(this.opened.splice(0).map((services) => services.close()));
    await this.temporalServer?.stop();
    await this.postgres?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.everything?.[Symbol.asyncDispose]();
  }
}

async function endNow(part: Part | undefined, signal: NodeJS.Signals): Promise<void> {
  if (part === undefined) throw new Error('there is nothing to end');
  process.kill(part.pid, signal);
  await part.exited;
}

/** From the worker's own line `{…,"port":1234,"msg":"worker started"}`; other lines need not be JSON. */
function portIn(line: string): number | undefined {
  const [, port] = /"port":(\d+),"msg":"worker started"/.exec(line) ?? [];
  return port === undefined ? undefined : Number(port);
}
