// Which process a pid means, and how one is stopped for good. A pid alone proves nothing after a restart, since pids
// are handed out again; pid and start time together do. A zombie counts as gone: in a container nobody may ever collect
// it. Imports nothing of ours, because the reaper loads this file without a loader.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A running process, told apart from a later one with the same pid. */
export interface ProcessRef {
  readonly pid: number;
  /** Start time as the system spells it; compared, never read. */
  readonly identity: string;
}

export interface StopOptions {
  readonly stopSignal: NodeJS.Signals;
  /** How long the process may take before it and its group are killed. */
  readonly graceMs: number;
}

const CHECK_INTERVAL_MS = 50;
// The kernel needs a moment to take a killed process away; more than this means that it hangs in the kernel.
const KILL_WAIT_MS = 5_000;

/** Identity of the process that has this pid now; undefined when none runs. */
export function identityOf(pid: number): string | undefined {
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid);
}

export const isRunning = (ref: ProcessRef): boolean => identityOf(ref.pid) === ref.identity;

function identityFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command, in brackets, may hold blanks and brackets itself: fields are counted from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' ? undefined : startTicks;
  } catch {
    return undefined;
  }
}

function identityFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}

/** Sends a signal to a process or, with a negative pid, to a group; false when there is none any more. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/**
 * Asks the process to stop, waits, then kills it with its group. Returns once it is gone; harmless when it is gone
 * already.
 */
export async function stopProcess(ref: ProcessRef, options: StopOptions): Promise<void> {
  if (!isRunning(ref)) return;
  sendSignal(ref.pid, options.stopSignal);
  if (await isGoneWithin(ref, options.graceMs)) {
    sendSignal(-ref.pid, 'SIGKILL');
    return;
  }
  sendSignal(-ref.pid, 'SIGKILL');
  sendSignal(ref.pid, 'SIGKILL');
  await isGoneWithin(ref, KILL_WAIT_MS);
}

async function isGoneWithin(ref: ProcessRef, waitMs: number): Promise<boolean> {
  const deadline = Date.now() + waitMs;
  while (isRunning(ref)) {
    if (Date.now() >= deadline) return false;
    await delay(CHECK_INTERVAL_MS);
  }
  return true;
}
