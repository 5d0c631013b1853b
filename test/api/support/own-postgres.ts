// A PostgreSQL of a test's own, migrated, whose processes can be stopped and let go on: SIGSTOP to every one of them.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { temporaryDataDir } from '../../../src/embedded/data-dir.js';
import { ensureDatabase, startPostgres } from '../../../src/embedded/postgres/postgres.js';
import { withLogin } from '../../../src/embedded/postgres/with-login.js';
import { chooseFreePorts } from '../../../src/embedded/processes/free-port.js';
import { migrateToLatest } from '../../../src/store/migrate.js';
import { makeApiLogin } from '../../../src/store/roles/api-login.js';

const DATABASE = 'frozen';

export interface OwnPostgres {
  readonly url: string;
  /** As the api signs in. */
  readonly apiUrl: string;
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
  const apiUrl = withLogin(url.href, `frozen_api:${randomBytes(32).toString('base64url')}`);
  await makeApiLogin(url.href, apiUrl);
  const signalAll = async (signal: NodeJS.Signals) => {
    const { stdout } = await promisify(execFile)('pgrep', ['-P', String(postgres.pid)]);
    for (const pid of [postgres.pid, ...stdout.trim().split('\n').map(Number)]) process.kill(pid, signal);
  };
  return {
    url: url.href,
    apiUrl,
    freeze: () => signalAll('SIGSTOP'),
    goOn: () => signalAll('SIGCONT'),
    async close() {
      await signalAll('SIGCONT');
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
