// Where to put files that PostgreSQL's own OS user must reach when the project lies below a closed folder (a clone in
// /root, say). Only used as root: an ordinary user runs PostgreSQL as themselves and reaches what is theirs.
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canEnter, type OsUser } from './os-user.js';

const FOLDER_NAME = 'sentinelone-log-source';
// Enter, but not list: the names below may tell of other users' data.
const ENTER_ONLY = 0o711;
const WRITABLE_BY_OTHERS = 0o022;

/** A folder of ours, owned by root, that the user can enter: below /var/lib, else below the temporary folder. */
export async function reachableFolder(user: OsUser | undefined): Promise<string> {
  const candidates = ['/var/lib', tmpdir(), '/tmp'].map((parent) => join(parent, FOLDER_NAME));
  for (const folder of candidates) if (await isUsable(folder, user)) return folder;
  throw new Error(`none of ${candidates.join(', ')} can be made and entered by the OS user that PostgreSQL runs as`);
}

/**
 * A fixed name in a folder that everybody may write to can be somebody else's trap: only one that is ours alone is
 * used.
 */
async function isUsable(folder: string, user: OsUser | undefined): Promise<boolean> {
  try {
    await mkdir(folder, { mode: ENTER_ONLY }).catch(() => undefined);
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & WRITABLE_BY_OTHERS) !== 0)
      return false;
    await chmod(folder, ENTER_ONLY);
    return canEnter(user, folder);
  } catch {
    return false;
  }
}
