// The folder that keeps everything of a development stack. PostgreSQL's own OS user, which exists only under root, has
// to enter it: a default folder that it cannot reach moves to one that it can, an explicit one is refused with the name
// of the folder to open.
import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdir, readdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { lockDataDir } from './data-dir-lock.js';
import { canEnter, closedFolder, postgresOsUser } from './postgres/os-user.js';
import { reachableFolder } from './postgres/reachable-folder.js';

export interface DataDirRequest {
  readonly path: string;
  /** Whether a person asked for this folder: then it never moves. */
  readonly explicit: boolean;
}

export interface DataDir {
  readonly path: string;
  /** The default that could not be used, when it could not; worth a line to the person who starts. */
  readonly movedFrom?: string;
  /** Lets another start use it; the end of this process does so too. */
  readonly release: () => Promise<void>;
}

// Enter, but not list; the files with secrets in them are their owner's alone.
const ENTER_ONLY = 0o711;

/** Makes the folder when it is missing. Throws when it is closed to PostgreSQL, or when another start is using it. */
export async function openDataDir(request: DataDirRequest): Promise<DataDir> {
  const path = resolve(request.path);
  const user = await postgresOsUser();
  const isNew = (await mkdir(path, { recursive: true })) !== undefined;
  // A new folder, and the default one, are ours to open; the mode of a folder that somebody else made is theirs.
  if (isNew || !request.explicit) await chmod(path, ENTER_ONLY);
  const folder = await realpath(path);
  if (canEnter(user, folder)) return { path: folder, release: await lockDataDir(folder) };
  if (!request.explicit) {
    const reachable = await moveToReachable(path, await reachableFolder(user));
    return { path: reachable, movedFrom: path, release: await lockDataDir(reachable) };
  }
  const closed = closedFolder(user, folder) ?? folder;
  throw new Error(
    `DATA_DIR ${path} cannot be used: PostgreSQL does not run as root, and the OS user it runs as cannot enter ${closed}. ` +
      `Open that folder (chmod o+x ${closed}) or choose another DATA_DIR.`,
  );
}

/** Moves what is there, if anything, and leaves a link, so that scripts find stack.json where they expect it. */
async function moveToReachable(path: string, parent: string): Promise<string> {
  // A new name each time: who deletes the link wants to begin anew.
  const target = join(parent, `data-${randomUUID()}`);
  await mkdir(target, { mode: ENTER_ONLY });
  await chmod(target, ENTER_ONLY);
  for (const name of await readdir(path)) await move(join(path, name), join(target, name));
  await rm(path, { recursive: true });
  const link = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  await symlink(target, link);
  await rename(link, path);
  return target;
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    await rm(from, { recursive: true });
  }
}

/** A new folder for one run, which the caller removes; reachable in the same sense. */
export async function temporaryDataDir(): Promise<string> {
  const user = await postgresOsUser();
  const parent = canEnter(user, tmpdir()) ? tmpdir() : await reachableFolder(user);
  const folder = join(parent, `sentinelone-log-source-${randomUUID()}`);
  await mkdir(folder, { mode: ENTER_ONLY });
  await chmod(folder, ENTER_ONLY);
  return folder;
}
