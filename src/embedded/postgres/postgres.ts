// PostgreSQL 18 as a part of a development stack: on the loopback address, with a data folder and a password that are
// kept from start to start. Starts after anything that may have happened to the server before: a kill, a restart of the
// machine, a port that somebody else has taken.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { choosePort, LOOPBACK, rememberedPort, rememberPort } from '../processes/free-port.js';
import { type Part, readTail, startPart } from '../processes/part.js';
import { whyNotReady } from '../processes/readiness.js';
import { installedBinaries, usableBinaries } from './binaries.js';
import { type Cluster, openCluster, SUPERUSER } from './cluster.js';
import { clearEarlierServer } from './leftover-server.js';
import { postgresOsUser } from './os-user.js';

export interface PostgresOptions {
  /** Exists, and PostgreSQL's OS user can enter it (see openDataDir). */
  readonly dataDir: string;
  /** False trades crash safety for speed: for databases that live as long as one test run. Default true. */
  readonly durable?: boolean;
  /**
   * The port for a new data folder; the folder remembers what was used. Default 54320, outside other installations'
   * way.
   */
  readonly preferredPort?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface PostgresPart extends Part {
  readonly port: number;
  /** The superuser's, to the database `postgres`; holds the password. */
  readonly url: string;
}

const DEFAULT_PORT = 54_320;
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 20_000;
const PORT_OF = 'postgresql';
// A start fails for a moment when a port is taken in between or a killed server's processes are still going away.
const START_ATTEMPTS = 5;
const RETRY_DELAY_MS = 500;

const SETTINGS = {
  listen_addresses: LOOPBACK,
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  synchronous_commit: 'on',
};
const UNSAFE_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '128MB' };

/** Starts the server and waits until it answers. Rejects with the end of its log when it does not. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresPart> {
  const user = await postgresOsUser();
  const binaries = await usableBinaries(await installedBinaries(), user);
  const durable = options.durable ?? true;
  const cluster = await openCluster({ dataDir: options.dataDir, binaries, user, durable });
  await clearEarlierServer(cluster.folder);
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    const port = await choosePort(
      (await rememberedPort(options.dataDir, PORT_OF)) ?? options.preferredPort ?? DEFAULT_PORT,
    );
    const url = `postgres://${SUPERUSER}:${cluster.password}@${LOOPBACK}:${port}/postgres`;
    const part = await spawnServer({ ...options, postgres: binaries.postgres, user, cluster, port, durable });
    const check = () => openSession(url);
    const failure = await whyNotReady({ part, check, timeoutMs: START_TIMEOUT_MS, signal: options.signal });
    if (failure === undefined) {
      await rememberPort(options.dataDir, PORT_OF, port);
      return Object.assign(part, { port, url });
    }
    await part.stop();
    options.signal?.throwIfAborted();
    if (attempt === START_ATTEMPTS) {
      throw new Error(`PostgreSQL did not start: ${failure}\n${await readTail(logFile(options.dataDir))}`);
    }
    await delay(RETRY_DELAY_MS);
  }
}

interface ServerOptions extends PostgresOptions {
  readonly postgres: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly cluster: Cluster;
  readonly port: number;
  readonly durable: boolean;
}

function spawnServer({ dataDir, postgres, user, cluster, port, durable }: ServerOptions): Promise<Part> {
  const settings = Object.entries({ ...SETTINGS, ...(durable ? {} : UNSAFE_SETTINGS) });
  return startPart({
    name: 'postgres',
    command: postgres,
    args: [
      '-D',
      cluster.folder,
      '-p',
      String(port),
      ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: { LC_ALL: 'C' },
    output: { logFile: logFile(dataDir) },
    ...(user === undefined ? {} : { user }),
    stopSignal: 'SIGINT', // fast shutdown: sessions end, data is written
    graceMs: STOP_GRACE_MS,
  });
}

async function openSession(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // a server that goes away again is seen by the next try
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

const logFile = (dataDir: string): string => join(dataDir, 'logs', 'postgres.log');

/** Makes the database when the server has none of that name, as the superuser. */
export async function ensureDatabase(superuserUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
