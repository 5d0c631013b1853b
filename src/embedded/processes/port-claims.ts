// Several stacks that start at the same moment on one machine find the same ports free, and each listens on its own
// only later. Until then a file says that somebody is about to: one for each port and process, so that nobody has to
// take over another's.
import { readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf } from './process-control.js';

const FOLDER = join(tmpdir(), `sentinelone-log-source-ports-${process.getuid?.() ?? 'user'}`);

const own = new Set<string>();

/**
 * Whether this process may use the port: no other that runs has claimed it. Of two that claim it at the same moment
 * neither may, and each chooses another one. What is claimed stays so until the process ends.
 */
export async function claimPort(port: number): Promise<boolean> {
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  const name = `${port}.${process.pid}`;
  await writeFile(join(FOLDER, name), identityOf(process.pid) ?? '');
  if (own.size === 0) process.once('exit', giveBack);
  own.add(name);
  const others = (await readdir(FOLDER)).filter((each) => each.startsWith(`${port}.`) && each !== name);
  if (!others.some(isHeld)) return true;
  await rm(join(FOLDER, name), { force: true });
  own.delete(name);
  return false;
}

/** Removes the claim of a process that has ended. */
function isHeld(name: string): boolean {
  const path = join(FOLDER, name);
  const holder = identityOf(Number(name.split('.')[1]));
  // Nothing in it: it is just being written.
  if (holder !== undefined && ['', holder].includes(contentOf(path))) return true;
  rmSync(path, { force: true });
  return false;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // given back at this moment, which is as good as held: another port will do
  }
}

function giveBack(): void {
  for (const name of own) rmSync(join(FOLDER, name), { force: true });
}
