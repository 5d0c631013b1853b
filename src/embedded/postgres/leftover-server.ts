// A server that an earlier start has left on the same folder, and the pid file of one that is gone. PostgreSQL refuses
// to start when the pid in postmaster.pid belongs to any living process of its user, even to one that has nothing to do
// with it, which after a restart of a container is the rule rather than the exception.
import { execFileSync } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf, stopProcess } from '../processes/process-control.js';

// A fast shutdown writes a checkpoint first; 20 s is far more than a development machine needs for 2 GB of WAL.
const FAST_SHUTDOWN_MS = 20_000;

/** After this no server runs on the folder, and no pid file keeps a new one from starting. */
export async function clearEarlierServer(folder: string): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  const pid = await pidIn(pidFile);
  if (pid === undefined) return;
  const identity = identityOf(pid);
  if (identity === undefined) return; // PostgreSQL itself knows what to do about the file of a dead server
  if (await worksOn(pid, folder)) {
    await stopProcess({ pid, identity }, { stopSignal: 'SIGINT', graceMs: FAST_SHUTDOWN_MS });
  } else {
    await rm(pidFile, { force: true });
  }
}

async function pidIn(pidFile: string): Promise<number | undefined> {
  try {
    const pid = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** A PostgreSQL process works in the folder of its cluster; where that cannot be seen, its command line names it. */
async function worksOn(pid: number, folder: string): Promise<boolean> {
  try {
    if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(folder));
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(folder);
  } catch {
    return false;
  }
}
