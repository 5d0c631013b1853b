// The servers of a benchmark: a durable PostgreSQL of its own, with databases cloned from one that was migrated once,
// and the simulated console as a process, so that its work is not taken for ours. All are gone when the benchmark ends.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { startPostgres } from '../../src/embedded/postgres/postgres.js';
import { chooseFreePorts } from '../../src/embedded/processes/free-port.js';
import { type Part, startPart } from '../../src/embedded/processes/part.js';
import { migrateToLatest } from '../../src/store/migrate.js';

const TEMPLATE = 'bench_template';
const SIMULATOR = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url));

export interface BenchPostgres {
  readonly pid: number;
  readonly version: string;
  /** A new migrated database; returns its URL. */
  createDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startBenchPostgres(): Promise<BenchPostgres> {
  const dataDir = await temporaryDataDir();
  const [preferredPort] = await chooseFreePorts(1);
  const postgres = await startPostgres({ dataDir, durable: true, ...(preferredPort && { preferredPort }) });
  const query = (sql: string) => onServer(postgres.url, sql);
  const urlOf = (name: string) => Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
  await query(`create database ${TEMPLATE}`);
  await migrateToLatest(urlOf(TEMPLATE));
  const [row] = await query('show server_version');
  return {
    pid: postgres.pid,
    version: String(row?.['server_version']),
    async createDatabase(name) {
      await query(`create database ${name} template ${TEMPLATE}`);
      return urlOf(name);
    },
    dropDatabase: async (name) => void (await query(`drop database ${name} with (force)`)),
    async stop() {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function onServer(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

export interface BenchSimulator extends Part {
  readonly url: string;
}

/** `--port` is chosen here. */
export async function startBenchSimulator(args: readonly string[]): Promise<BenchSimulator> {
  const listening = Promise.withResolvers<string>();
  const lines: string[] = [];
  const part = await startPart({
    name: 'simulator',
    command: process.execPath,
    args: ['--import', 'tsx', SIMULATOR, '--port', '0', ...args],
    env: process.env,
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    output: {
      onLine(line) {
        lines.push(line);
        if (line.startsWith('{')) listening.resolve((JSON.parse(line) as { simulatorUrl: string }).simulatorUrl);
      },
    },
  });
  void part.exited.then(() => listening.reject(new Error(`the simulator ended:\n${lines.join('\n')}`)));
  return Object.assign(part, { url: await listening.promise });
}
