// The folder that a PostgreSQL server works on, made once and kept. It appears under its name only when initdb has
// finished, so a start that was killed in the middle leaves nothing that looks like a database.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { replaceFile } from '../replace-file.js';
import type { PostgresBinaries } from './binaries.js';
import type { OsUser } from './os-user.js';

const run = promisify(execFile);

export const SUPERUSER = 'postgres';
const OWNER_ONLY = 0o700;
const PASSWORD_BYTES = 24;

export interface Cluster {
  readonly folder: string;
  /** The superuser's; generated with the cluster and kept beside it. */
  readonly password: string;
}

export interface ClusterOptions {
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly user: OsUser | undefined;
  /** Whether initdb waits for the disk; a database for one test run need not. */
  readonly durable: boolean;
}

export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  // A major version reads no other's files: a newer one begins with a folder of its own and leaves the older as it is.
  const majorVersion = options.binaries.version.split('.')[0];
  const folder = join(options.dataDir, `postgresql-${majorVersion}`);
  const passwordFile = `${folder}.password`;
  if (!(await exists(join(folder, 'PG_VERSION')))) await createCluster({ ...options, folder, passwordFile });
  await takeOwnership(folder, options.user);
  return { folder, password: (await readFile(passwordFile, 'utf8')).trim() };
}

async function createCluster(options: ClusterOptions & { folder: string; passwordFile: string }): Promise<void> {
  const { folder, passwordFile, user, binaries } = options;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: OWNER_ONLY });
  await replaceFile(passwordFile, `${randomBytes(PASSWORD_BYTES).toString('base64url')}\n`);
  if (user !== undefined) await Promise.all([partial, passwordFile].map((path) => chown(path, user.uid, user.gid)));
  await run(
    binaries.initdb,
    [
      `--pgdata=${partial}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // PostgreSQL's own locale: sorts the same on every machine and needs none of the system's.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(options.durable ? [] : ['--no-sync']),
    ],
    { ...user, cwd: '/', env: { LC_ALL: 'C' } },
  );
  await rename(partial, folder);
}

/** A folder made by one user and now used by another (an npm start with and without sudo): root hands it over. */
async function takeOwnership(folder: string, user: OsUser | undefined): Promise<void> {
  const owner = (await stat(folder)).uid;
  const wanted = user?.uid ?? process.getuid?.() ?? owner;
  if (owner === wanted) return;
  if (user === undefined) {
    throw new Error(
      `${folder} belongs to another OS user: start as root, or choose another DATA_DIR than ${dirname(folder)}`,
    );
  }
  await run('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
  await chmod(folder, OWNER_ONLY);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
