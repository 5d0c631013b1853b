// Everything on one machine: PostgreSQL, Temporal, the simulated SentinelOne console, worker and api, each a part that
// the supervisor owns. `npm start` and `npm run demo` bring up the same stack with other settings.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { BACKFILL_QUEUE, COMMAND_QUEUE, CONNECTION_QUEUE, MAINTENANCE_QUEUE } from '../domain/temporal-names.js';
import { migrateToLatest } from '../store/migrate.js';
import { makeApiLogin } from '../store/roles/api-login.js';
import { WORKER_NODE_OPTIONS } from '../worker/node-options.js';
import { type GeneratedSecrets, keepGeneratedSecrets } from './generated-secrets.js';
import { ensureDatabase, startPostgres } from './postgres/postgres.js';
import { withLogin } from './postgres/with-login.js';
import { choosePort, LOOPBACK, rememberedPort, rememberPort } from './processes/free-port.js';
import { type Part, startPart } from './processes/part.js';
import type { Stack } from './processes/supervisor.js';
import { answersOk, waitFor } from './processes/wait-for.js';
import { writeStackFile } from './stack-file.js';
import { findTemporalCli } from './temporal/temporal-cli.js';
import { type DynamicConfig, startTemporalServer } from './temporal/temporal-server.js';

export interface StackSettings {
  readonly dataDir: string;
  /** Inherited by the parts, below what the stack sets itself. */
  readonly environment: NodeJS.ProcessEnv;
  /** Set: not embedded. */
  readonly databaseUrl?: string | undefined;
  /** As the api's own role; by default a generated one. */
  readonly apiDatabaseUrl?: string | undefined;
  readonly temporalAddress?: string | undefined;
  readonly temporalNamespace: string;
  readonly temporalCliPath?: string | undefined;
  readonly dynamicConfig?: DynamicConfig;
  readonly port: number;
  readonly workerPort: number;
  readonly apiMetricsPort: number;
  readonly allowedOrigins: string;
  readonly encryptionKeys?: string | undefined;
  readonly sessionSecret?: string | undefined;
  /** By default the api's own address. */
  readonly publicUrl?: URL | undefined;
  /** What has to be in the database before anybody can ask the api. */
  readonly afterMigrating?: (databaseUrl: string) => Promise<void>;
  /** Arguments of the simulated console; null brings up none. */
  readonly simulatorArgs: readonly string[] | null;
  /** Told what is going on, one line each. */
  readonly announce: (line: string) => void;
}

export interface RunningStack {
  readonly apiUrl: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly temporalUiUrl: string | null;
  readonly simulatorUrl: string | null;
  readonly simulatorToken: string;
  readonly encryptionKeys: string;
  readonly allowedOrigins: string;
}

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const SIMULATOR = 'simulator';
const SIMULATOR_PORT = 9_001;
const DATABASE = 'sentinelone';
/** The first worker after a change bundles the workflows when it starts, on a busy machine for half a minute. */
const WORKER_TIMEOUT_MS = 90_000;
const TIMEOUT_MS = 60_000;

/** As Temporal's protocol numbers the types of a task queue. */
const TASKS = { workflows: 1, activities: 2 } as const;

/** Brings everything up and returns when the api says that it is ready. */
export async function startOneMachineStack(stack: Stack, settings: StackSettings): Promise<RunningStack> {
  const { dataDir, announce } = settings;
  const generated = await keepGeneratedSecrets(dataDir);
  const parts: Part[] = [];
  const own = async <P extends Part>(starting: Promise<P>): Promise<P> => {
    const part = await stack.own(starting);
    parts.push(part);
    return part;
  };
  const [databaseUrl, temporal, simulatorUrl] = await Promise.all([
    bringDatabase(own, stack, settings),
    bringTemporal(own, stack, settings),
    bringSimulator(own, stack, { settings, generated }),
  ]);
  const applied = await migrateToLatest(databaseUrl);
  const apiDatabaseUrl = settings.apiDatabaseUrl ?? withLogin(databaseUrl, generated.apiLogin);
  await makeApiLogin(databaseUrl, apiDatabaseUrl);
  announce(applied.length === 0 ? 'schema is up to date' : `schema brought up to date (${applied.length} migrations)`);
  await settings.afterMigrating?.(databaseUrl);

  const [port, workerPort] = [await choosePort(settings.port), await choosePort(settings.workerPort)];
  const apiMetricsPort = await choosePort(settings.apiMetricsPort);
  const apiUrl = `http://${LOOPBACK}:${port}`;
  const running: RunningStack = {
    apiUrl,
    databaseUrl,
    simulatorUrl,
    temporalAddress: temporal.address,
    temporalNamespace: settings.temporalNamespace,
    temporalUiUrl: temporal.uiUrl,
    simulatorToken: generated.simulatorToken,
    encryptionKeys: settings.encryptionKeys ?? generated.encryptionKeys,
    allowedOrigins: [settings.allowedOrigins, ...(simulatorUrl === null ? [] : [simulatorUrl])].join(','),
  };
  const environment = {
    ...settings.environment,
    DATABASE_URL: databaseUrl,
    API_DATABASE_URL: apiDatabaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: settings.temporalNamespace,
    ENCRYPTION_KEYS: running.encryptionKeys,
    SENTINELONE_ALLOWED_ORIGINS: running.allowedOrigins,
    SESSION_SECRET: settings.sessionSecret ?? generated.sessionSecret,
    PUBLIC_URL: settings.publicUrl?.origin ?? apiUrl,
    PORT: String(port),
    WORKER_PORT: String(workerPort),
    API_METRICS_PORT: String(apiMetricsPort),
    LISTEN_HOST: LOOPBACK,
  };
  announce('worker: starting');
  const worker = { name: 'worker', entry: 'src/main.worker.ts', nodeOptions: WORKER_NODE_OPTIONS };
  await own(startOwn({ ...worker, dataDir, environment }));
  await workerPolls(running, `http://${LOOPBACK}:${workerPort}/healthz`, stack.signal);
  announce('worker: polling its queues');
  const api = await own(startOwn({ name: 'api', entry: 'src/main.api.ts', dataDir, environment }));
  const pids = Object.fromEntries([...parts, api].map((part) => [part.name, part.pid]));
  await writeStackFile(dataDir, {
    apiUrl,
    metricsUrl: `http://${LOOPBACK}:${apiMetricsPort}/metrics`,
    databaseUrl,
    simulatorUrl,
    pids: { start: process.pid, ...pids },
    temporalAddress: temporal.address,
    temporalNamespace: settings.temporalNamespace,
    temporalUiUrl: temporal.uiUrl,
    encryptionKeys: settings.encryptionKeys === undefined ? generated.encryptionKeys : null,
  });
  const ready = { timeoutMs: TIMEOUT_MS, signal: stack.signal };
  await waitFor('the api to be ready', () => answersOk(`${apiUrl}/readyz`), ready);
  announce(`api: ready at ${apiUrl}`);
  return running;
}

type Own = <P extends Part>(starting: Promise<P>) => Promise<P>;

async function bringDatabase(own: Own, stack: Stack, settings: StackSettings): Promise<string> {
  if (settings.databaseUrl !== undefined) {
    settings.announce('postgres: using DATABASE_URL');
    return settings.databaseUrl;
  }
  settings.announce('postgres: starting');
  const postgres = await own(startPostgres({ dataDir: settings.dataDir, signal: stack.signal }));
  const url = new URL(postgres.url);
  url.pathname = `/${DATABASE}`;
  await ensureDatabase(postgres.url, DATABASE);
  settings.announce(`postgres: up on port ${postgres.port}`);
  return url.href;
}

async function bringTemporal(
  own: Own,
  stack: Stack,
  settings: StackSettings,
): Promise<{ address: string; uiUrl: string | null }> {
  const { temporalAddress, temporalCliPath, dataDir, environment, announce, dynamicConfig } = settings;
  if (temporalAddress !== undefined) {
    announce(`temporal: using ${temporalAddress}`);
    return { address: temporalAddress, uiUrl: null };
  }
  announce('temporal: looking for the CLI (the first time it is fetched, which can take a minute)');
  const cli = await findTemporalCli({
    cliPath: temporalCliPath,
    env: environment,
    cacheDir: join(PROJECT, '.cache'),
    signal: stack.signal,
  });
  announce(`temporal: starting, CLI ${cli.version}`);
  const temporal = await own(
    startTemporalServer({ cliPath: cli.path, dataDir, ...(dynamicConfig && { dynamicConfig }), signal: stack.signal }),
  );
  announce(`temporal: up at ${temporal.address}, UI at ${temporal.uiUrl}`);
  return { address: temporal.address, uiUrl: temporal.uiUrl };
}

async function bringSimulator(
  own: Own,
  stack: Stack,
  { settings, generated }: { readonly settings: StackSettings; readonly generated: GeneratedSecrets },
): Promise<string | null> {
  const { simulatorArgs, dataDir, environment, announce } = settings;
  if (simulatorArgs === null) return null;
  const remembered = await rememberedPort(dataDir, SIMULATOR);
  const port = await choosePort(remembered ?? SIMULATOR_PORT);
  const { simulatorHistoryEndsAt, simulatorToken } = generated;
  // The token that a person had made for another connection is alive again after a restart.
  const kept = ['--tokens-file', join(dataDir, 'simulator-tokens.jsonl')];
  const args = ['--port', String(port), '--history-ends-at', simulatorHistoryEndsAt, ...kept, ...simulatorArgs];
  const withToken = { ...environment, SIMULATOR_TOKEN: simulatorToken };
  await own(startOwn({ name: SIMULATOR, entry: 'simulator/main.ts', args, dataDir, environment: withToken }));
  const url = `http://${LOOPBACK}:${port}`;
  const look = () => answersOk(`${url}/web/api/v2.1/system/status`);
  await waitFor('the simulator to answer', look, { timeoutMs: TIMEOUT_MS, signal: stack.signal });
  await rememberPort(dataDir, SIMULATOR, port);
  announce(`simulator: a SentinelOne console at ${url}`);
  if (remembered !== undefined && remembered !== port)
    announce(`simulator: port ${remembered} is taken, so connections to http://${LOOPBACK}:${remembered} have lost it`);
  return url;
}

/** One of our own processes, from its source; its lines go to a file of the data folder. */
function startOwn(of: {
  readonly name: string;
  readonly entry: string;
  readonly args?: readonly string[];
  readonly nodeOptions?: readonly string[];
  readonly dataDir: string;
  readonly environment: NodeJS.ProcessEnv;
}): Promise<Part> {
  const { name, entry, args = [], nodeOptions = [], dataDir, environment } = of;
  return startPart({
    name,
    command: process.execPath,
    args: [...nodeOptions, '--import', 'tsx', join(PROJECT, entry), ...args],
    env: environment,
    cwd: PROJECT,
    output: { logFile: join(dataDir, 'logs', `${name}.log`) },
    pidFile: join(dataDir, `${name}.pid`),
    graceMs: 20_000,
  });
}

/** Until then a command would wait for a worker that is still bundling its workflows. */
async function workerPolls(running: RunningStack, healthUrl: string, signal: AbortSignal): Promise<void> {
  const options = { timeoutMs: WORKER_TIMEOUT_MS, signal };
  await waitFor('the worker to start', () => answersOk(healthUrl), options);
  const connection = await Connection.connect({ address: running.temporalAddress });
  const { workflowService } = new Client({ connection, namespace: running.temporalNamespace });
  const pollers = async (name: string, taskQueueType: number) => {
    const { temporalNamespace: namespace } = running;
    const { pollers } = await workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
    return pollers.length > 0 ? true : undefined;
  };
  const { workflows, activities } = TASKS;
  try {
    await waitFor('the worker to poll for connections', () => pollers(CONNECTION_QUEUE, workflows), options);
    await waitFor('the worker to poll for commands', () => pollers(COMMAND_QUEUE, activities), options);
    await waitFor('the worker to poll for backfills', () => pollers(BACKFILL_QUEUE, workflows), options);
    await waitFor('the worker to poll for maintenance', () => pollers(MAINTENANCE_QUEUE, workflows), options);
  } finally {
    await connection.close();
  }
}
