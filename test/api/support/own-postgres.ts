// A PostgreSQL of a test's own, migrated, whose processes can be stopped and let go on: SIGSTOP to every one of them.
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { temporaryDataDir } from '../../../src/embedded/data-dir.js';
import { ensureDatabase, startPostgres } from '../../../src/embedded/postgres/postgres.js';
import { chooseFreePorts } from '../../../src/embedded/processes/free-port.js';
import { migrateToLatest } from '../../../src/store/migrate.js';

const DATABASE = 'frozen';

export interface OwnPostgres {
  readonly url: string;
  freeze(): Promise<void>;
  goOn(): Promise<void>;
  close(): Promise<void>;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = await temporaryDataDir();
  const [preferredPort] = await chooseFreePorts(1);
  const postgres = await startPostgres({ dataDir, durable: false, ...(preferredPort && { preferredPort }) });
  const url = new URL(postgres.url);
  url.pathname = `/${DATABASE}`;
  await ensureDatabase(postgres.url, DATABASE);
  await migrateToLatest(url.href);
  const signalAll = async (signal: NodeJS.Signals) => {
    const { stdout } = await promisify(execFile)('pgrep', ['-P', String(postgres.pid)]);
    for (const pid of [postgres.pid, ...stdout.trim().split('\n').map(Number)]) process.kill(pid, signal);
  };
  return {
    url: url.href,
    freeze: () => signalAll('SIGSTOP'),
    goOn: () => signalAll('SIGCONT'),
    async close() {
      await signalAll('SIGCONT');
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
