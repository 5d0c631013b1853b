// The Temporal dev server, with its UI, as a part of a development stack. Workflows are kept in a file of the data
// folder, or in memory for tests.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal-names.js';
import { chooseFreePorts, choosePort, LOOPBACK } from '../processes/free-port.js';
import { type Part, readTail, startPart } from '../processes/part.js';
import { whyNotReady } from '../processes/readiness.js';

export type DynamicConfig = Readonly<Record<string, number | boolean | string>>;

export interface TemporalServerOptions {
  /** Path of a CLI that works, see findTemporalCli. */
  readonly cliPath: string;
  /** Holds the log, and the workflows unless they are in memory. */
  readonly dataDir: string;
  /** True forgets everything at the stop. Default false. */
  readonly inMemory?: boolean;
  /** True takes any free ports, for servers that run side by side. Default: the usual ones where they are free. */
  readonly anyPorts?: boolean;
  /** Server settings by key; values are JSON. */
  readonly dynamicConfig?: DynamicConfig;
  readonly signal?: AbortSignal | undefined;
}

export interface TemporalServerPart extends Part {
  /** `host:port` of the gRPC frontend. */
  readonly address: string;
  readonly uiUrl: string;
}

export const TEMPORAL_NAMESPACE = 'default';

const USUAL_PORT = 7233;
const USUAL_UI_PORT = 8233;
// The first start of a file makes its schema, on a slow disk for longer than the SDK's own helper would wait.
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const OWNER_ONLY = 0o700;
// A port can be taken between the look and the use.
const START_ATTEMPTS = 3;
/** What the product needs of any server; docker-compose.yml sets the same and says why, and a test compares the two. */
export const DYNAMIC_CONFIG = {
  'frontend.namespaceRPS.visibility': 1_000,
  'frontend.namespaceBurstRatio.visibility': 2,
  'matching.enableFairness': true,
};

/** Starts the server and waits until its namespace answers. Rejects with the end of its log when it does not. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServerPart> {
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    const ports = await choosePorts(options.anyPorts ?? false);
    const address = `${LOOPBACK}:${ports.port}`;
    await mkdir(folderIn(options.dataDir), { recursive: true, mode: OWNER_ONLY });
    const part = await spawnServer(options, ports);
    const check = () => describeNamespace(address);
    const failure = await whyNotReady({ part, check, timeoutMs: START_TIMEOUT_MS, signal: options.signal });
    if (failure === undefined) return Object.assign(part, { address, uiUrl: `http://${LOOPBACK}:${ports.uiPort}` });
    await part.stop();
    options.signal?.throwIfAborted();
    if (attempt === START_ATTEMPTS) {
      throw new Error(`the Temporal server did not start: ${failure}\n${await readTail(logFileIn(options.dataDir))}`);
    }
  }
}

interface Ports {
  readonly port: number;
  readonly uiPort: number;
  readonly metricsPort: number;
  readonly httpPort: number;
}

function spawnServer(options: TemporalServerOptions, { port, uiPort, metricsPort, httpPort }: Ports): Promise<Part> {
  return startPart({
    name: 'temporal',
    command: options.cliPath,
    args: [
      'server',
      'start-dev',
      '--ip',
      LOOPBACK,
      '--namespace',
      TEMPORAL_NAMESPACE,
      '--port',
      String(port),
      '--http-port',
      String(httpPort),
      '--metrics-port',
      String(metricsPort),
      '--ui-port',
      String(uiPort),
      '--ui-disable-news-fetch',
      '--log-level',
      'warn',
      '--log-format',
      'json',
      ...(options.inMemory === true ? [] : ['--db-filename', join(folderIn(options.dataDir), 'workflows.db')]),
      ...Object.values(SEARCH_ATTRIBUTES).flatMap(({ name }) => ['--search-attribute', `${name}=Keyword`]),
      ...dynamicConfigArguments({ ...DYNAMIC_CONFIG, ...options.dynamicConfig }),
    ],
    env: { HOME: folderIn(options.dataDir) }, // the CLI's own settings of whoever starts it are not for this server
    output: { logFile: logFileIn(options.dataDir) },
    pidFile: join(folderIn(options.dataDir), 'server.pid'),
    graceMs: STOP_GRACE_MS,
  });
}

/** The server's own file would be readable by everybody. */
const folderIn = (dataDir: string): string => join(dataDir, 'temporal');
const logFileIn = (dataDir: string): string => join(dataDir, 'logs', 'temporal.log');

async function choosePorts(any: boolean): Promise<Ports> {
  const [free1 = 0, free2 = 0, metricsPort = 0, httpPort = 0] = await chooseFreePorts(4);
  if (any) return { port: free1, uiPort: free2, metricsPort, httpPort };
  return { port: await choosePort(USUAL_PORT), uiPort: await choosePort(USUAL_UI_PORT), metricsPort, httpPort };
}

const dynamicConfigArguments = (config: DynamicConfig): readonly string[] =>
  Object.entries(config).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]);

async function describeNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '1 second' });
  try {
    await connection.workflowService.describeNamespace({ namespace: TEMPORAL_NAMESPACE });
  } finally {
    await connection.close();
  }
}
