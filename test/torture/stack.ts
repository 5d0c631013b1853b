// The processes of a campaign: PostgreSQL, Temporal, two simulated consoles, two workers and an api, each as in
// production a process of its own. All but the consoles, which hold the ground truth, can be killed and started again.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SimulatorControl, simulatorControl } from '../../src/embedded/demo/simulator-control.js';
import { ensureDatabase, type PostgresPart, startPostgres } from '../../src/embedded/postgres/postgres.js';
import { withLogin } from '../../src/embedded/postgres/with-login.js';
import { choosePort, LOOPBACK } from '../../src/embedded/processes/free-port.js';
import { type Part, startPart } from '../../src/embedded/processes/part.js';
import { whyNotReady } from '../../src/embedded/processes/readiness.js';
import type { Stack } from '../../src/embedded/processes/supervisor.js';
import { answersOk, waitFor } from '../../src/embedded/processes/wait-for.js';
import { openServices, type Services } from '../../src/embedded/services.js';
import { findTemporalCli } from '../../src/embedded/temporal/temporal-cli.js';
import { startTemporalServer, TEMPORAL_NAMESPACE } from '../../src/embedded/temporal/temporal-server.js';
import { migrateToLatest } from '../../src/store/migrate.js';
import { makeApiLogin } from '../../src/store/roles/api-login.js';
import { type Proxy, startProxy } from '../support/proxy.js';
import { FIRST_SKEWS_MS } from './plan.js';
import { type Restartable, restartable, type RestartableOptions } from './restartable.js';
import { CONSOLES, HISTORY_HOURS, HISTORY_ROWS, INTERVALS, PAGE_LATENCY_MS, REQUESTS_PER_SECOND } from './world.js';

export interface TortureStack {
  readonly postgres: Restartable;
  readonly temporal: Restartable;
  readonly workers: readonly Restartable[];
  readonly api: Restartable;
  readonly consoles: readonly SimulatorControl[];
  readonly apiUrl: string;
  /** Holds the files of PostgreSQL and Temporal. */
  readonly dataDir: string;
  /** The api's services in this process, for what HTTP does not offer, and the owner's view of the database. */
  readonly services: Services;
  close(): Promise<void>;
}

interface Setting {
  readonly stack: Stack;
  readonly dataDir: string;
  readonly seed: number;
  readonly log: (line: string) => void;
}

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const RHYTHM = new URL('rhythm.ts', import.meta.url).href;
const DATABASE = 'torture';
const RETENTION_DAYS = 365;
const START_TIMEOUT_MS = 120_000;

export async function raiseStack(setting: Setting): Promise<TortureStack> {
  const { stack, log } = setting;
  const proxy = await startProxy();
  const own = (options: Pick<RestartableOptions, 'name' | 'start' | 'onCrash'>) =>
    stack.own(restartable({ ...options, log, signal: stack.signal }));
  const database = databaseIn(setting, await choosePort());
  const [postgres, temporal, consoles] = await Promise.all([
    own({ name: 'postgres', start: () => database.start() }),
    own({
      name: 'temporal',
      start: () => startTemporal(setting, proxy),
      // What is open is cut at once, as a dead machine's network would be.
      onCrash: () => proxy.point(null),
    }),
    Promise.all(CONSOLES.map((_, n) => startConsole(setting, n))),
  ]);
  await migrateToLatest(database.url());
  const apiDatabaseUrl = withLogin(database.url(), `torture_api:${randomBytes(32).toString('base64url')}`);
  await makeApiLogin(database.url(), apiDatabaseUrl);
  const allowedOrigins = consoles.map(({ url }) => url).join(',');
  const encryptionKeys = `torture:${randomBytes(32).toString('base64url')}`;
  const environment = {
    ...process.env,
    DATABASE_URL: database.url(),
    API_DATABASE_URL: apiDatabaseUrl,
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_NAMESPACE,
    ENCRYPTION_KEYS: encryptionKeys,
    SESSION_SECRET: randomBytes(32).toString('base64url'),
    SENTINELONE_ALLOWED_ORIGINS: allowedOrigins,
    SENTINELONE_REQUESTS_PER_SECOND: String(REQUESTS_PER_SECOND),
    LISTEN_HOST: LOOPBACK,
    API_METRICS_PORT: '0',
    LOG_LEVEL: 'info',
  };
  const port = await choosePort();
  const ownProcess = async (name: string, entry: string, portVariable: string, ownPort: number) =>
    own({ name, start: () => startOwn(setting, { name, entry, port: ownPort, portVariable, environment }) });
  const [first, second, api] = await Promise.all([
    ownProcess('worker-1', 'src/main.worker.ts', 'WORKER_PORT', await choosePort()),
    ownProcess('worker-2', 'src/main.worker.ts', 'WORKER_PORT', await choosePort()),
    ownProcess('api', 'src/main.api.ts', 'PORT', port),
  ]);
  const apiUrl = `http://${LOOPBACK}:${port}`;
  const services = await openServices(
    {
      apiUrl,
      databaseUrl: database.url(),
      temporalAddress: proxy.address,
      temporalNamespace: TEMPORAL_NAMESPACE,
      temporalUiUrl: null,
      simulatorUrl: null,
      simulatorToken: '',
      encryptionKeys,
      allowedOrigins,
    },
    { eventRetentionDays: RETENTION_DAYS, intervals: INTERVALS },
  );
  return {
    postgres,
    temporal,
    workers: [first, second],
    api,
    consoles,
    apiUrl,
    dataDir: setting.dataDir,
    services,
    async close() {
      await services.close();
      await proxy.close();
    },
  };
}

function databaseIn({ dataDir, stack }: Setting, preferredPort: number) {
  let part: PostgresPart | undefined;
  return {
    async start(): Promise<Part> {
      part = await startPostgres({ dataDir, preferredPort, signal: stack.signal });
      await ensureDatabase(part.url, DATABASE);
      return part;
    },
    url(): string {
      const url = new URL(part?.url ?? '');
      url.pathname = `/${DATABASE}`;
      return url.href;
    },
  };
}

async function startTemporal({ dataDir, stack }: Setting, proxy: Proxy): Promise<Part> {
  const cacheDir = join(PROJECT, '.cache');
  const cliPath = process.env['TEMPORAL_CLI_PATH'];
  const cli = await findTemporalCli({ cliPath, env: process.env, cacheDir, signal: stack.signal });
  const server = await startTemporalServer({ cliPath: cli.path, dataDir, anyPorts: true, signal: stack.signal });
  proxy.point(server.address);
  return server;
}

async function startConsole({ stack, dataDir, seed }: Setting, n: number): Promise<SimulatorControl> {
  const accounts = join(dataDir, `console-${n + 1}.json`);
  await writeFile(accounts, JSON.stringify(CONSOLES[n]?.accounts));
  const port = await choosePort();
  const settings = {
    port,
    accounts,
    seed: seed + n,
    'history-rows': HISTORY_ROWS,
    'history-hours': HISTORY_HOURS,
    'live-rows-per-second': 0,
    'page-latency-ms': PAGE_LATENCY_MS,
    'clock-skew-ms': FIRST_SKEWS_MS[n] ?? 0,
  };
  const name = `console-${n + 1}`;
  await stack.own(
    startPart({
      name,
      command: process.execPath,
      args: [
        '--import',
        'tsx',
        join(PROJECT, 'simulator/main.ts'),
        // With `=`, because a clock that is behind is a value that begins like an option.
        ...Object.entries(settings).map(([option, value]) => `--${option}=${value}`),
      ],
      env: process.env,
      cwd: PROJECT,
      output: { logFile: join(dataDir, 'logs', `${name}.log`) },
    }),
  );
  const url = `http://${LOOPBACK}:${port}`;
  const look = () => answersOk(`${url}/web/api/v2.1/system/status`);
  await waitFor(`${name} to answer`, look, { timeoutMs: START_TIMEOUT_MS, signal: stack.signal });
  return simulatorControl(url);
}

async function startOwn(
  { dataDir, stack }: Setting,
  of: {
    readonly name: string;
    readonly entry: string;
    readonly port: number;
    readonly portVariable: string;
    readonly environment: NodeJS.ProcessEnv;
  },
): Promise<Part> {
  const part = await startPart({
    name: of.name,
    command: process.execPath,
    args: ['--import', 'tsx', '--import', RHYTHM, join(PROJECT, of.entry)],
    env: { ...of.environment, [of.portVariable]: String(of.port) },
    cwd: PROJECT,
    output: { logFile: join(dataDir, 'logs', `${of.name}.log`) },
    graceMs: 20_000,
  });
  const check = async () => {
    const { status } = await fetch(`http://${LOOPBACK}:${of.port}/healthz`, { signal: AbortSignal.timeout(2_000) });
    if (status !== 200) throw new Error(`/healthz answers ${status}`);
  };
  const failure = await whyNotReady({ part, check, timeoutMs: START_TIMEOUT_MS, signal: stack.signal });
  if (failure === undefined && !stack.signal.aborted) return part;
  await part.stop();
  throw new Error(failure ?? 'the campaign is stopping');
}
