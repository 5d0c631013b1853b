// One start per data folder: a second one would take the first one's server for a leftover and stop it. The lock names
// a process, so that of a start which was killed holds nobody up.
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf, isRunning, type ProcessRef } from './processes/process-control.js';

/** Returns the function that gives the folder back. Throws when a running process holds it. */
export async function lockDataDir(folder: string): Promise<() => Promise<void>> {
  const lockFile = join(folder, 'start.lock');
  const own = JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) ?? '' });
  const holder = await readHolder(lockFile);
  if (holder !== undefined && isRunning(holder)) {
    throw new Error(`${folder} is in use by process ${holder.pid}: stop that one first, or choose another DATA_DIR`);
  }
  await rm(lockFile, { force: true });
  await createWhole(lockFile, own);
  return async () => {
    if ((await readFile(lockFile, 'utf8').catch(() => undefined)) === own) await rm(lockFile, { force: true });
  };
}

/** Appears with its content and only if nobody was faster, for which it throws. */
async function createWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text, { flag: 'wx' });
  try {
    await link(temporary, path);
  } finally {
    await rm(temporary);
  }
}

async function readHolder(lockFile: string): Promise<ProcessRef | undefined> {
  try {
    return JSON.parse(await readFile(lockFile, 'utf8')) as ProcessRef;
  } catch {
    return undefined;
  }
}
