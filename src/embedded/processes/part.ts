// One child process as a named part of the stack. It has a session of its own, so that a terminal's Ctrl-C reaches
// `start` alone, which decides the order of stopping; the reaper stops it when `start` itself is killed; and a file
// with its pid lets the next start stop it when even the reaper was killed.
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { recordPart, stopLeftover } from './leftover.js';
import { identityOf, sendSignal, type StopOptions } from './process-control.js';
import { forget, watch } from './reaper.js';

export interface PartExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Part {
  readonly name: string;
  readonly pid: number;
  /** What it says goes there, unless it is handed over line by line. */
  readonly logFile?: string | undefined;
  /** Settles when the process has ended, in whatever way; never rejects. */
  readonly exited: Promise<PartExit>;
  /** True once stop or kill was called: the end that follows is no accident. */
  readonly stopRequested: boolean;
  /** Asks, waits, then kills; resolves when the process is gone. Safe to call again and after its end. */
  readonly stop: () => Promise<void>;
  /** Kills at once, with everything in its process group. */
  readonly kill: () => void;
}

/** Where stdout and stderr go: appended to a file, or handed over line by line. */
export type PartOutput = { readonly logFile: string } | { readonly onLine: (line: string) => void };

export interface PartOptions {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly output: PartOutput;
  /** Another OS user to run as; needs root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Remembers the process for the next start. */
  readonly pidFile?: string;
  readonly stopSignal?: NodeJS.Signals;
  readonly graceMs?: number;
}

const DEFAULT_GRACE_MS = 10_000;
// A log that has grown past this is set aside at the next start; the one set aside before is dropped.
const MAX_LOG_BYTES = 20_000_000;

/** Starts the process. Rejects when the command cannot be run; whether it works is for the caller to find out. */
export async function startPart(options: PartOptions): Promise<Part> {
  const stopOptions = { stopSignal: options.stopSignal ?? 'SIGTERM', graceMs: options.graceMs ?? DEFAULT_GRACE_MS };
  if (options.pidFile !== undefined) await stopLeftover(options.pidFile);
  const { pid, exit } = await spawnPart(options);
  const exited = exit.then((end) => afterExit(end, pid, options.pidFile));
  const identity = identityOf(pid);
  if (identity !== undefined) {
    watch({ pid, identity }, stopOptions);
    if (options.pidFile !== undefined) await recordPart(options.pidFile, { pid, identity }, stopOptions);
  }
  const logFile = 'logFile' in options.output ? options.output.logFile : undefined;
  return partOf({ name: options.name, pid, logFile, exited, stopOptions });
}

interface SpawnedPart {
  readonly pid: number;
  readonly exit: Promise<PartExit>;
}

async function spawnPart(options: PartOptions): Promise<SpawnedPart> {
  const log = 'logFile' in options.output ? await openLog(options.output.logFile) : undefined;
  const stdio: StdioOptions = log ? ['ignore', log.fd, log.fd] : ['ignore', 'pipe', 'pipe'];
  try {
    const child = spawn(options.command, [...(options.args ?? [])], {
      detached: true,
      cwd: options.cwd ?? '/',
      env: options.env,
      stdio,
      ...options.user,
    });
    // Listened for before anything is awaited: a process may end at once.
    const exit = new Promise<PartExit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    if ('onLine' in options.output) forwardLines(child, options.output.onLine);
    await once(child, 'spawn');
    if (child.pid === undefined) throw new Error('it was given no pid');
    return { pid: child.pid, exit };
  } catch (cause) {
    throw new Error(`${options.name} cannot be started: ${options.command}`, { cause });
  } finally {
    await log?.close();
  }
}

async function openLog(path: string) {
  await mkdir(dirname(path), { recursive: true });
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && found.size > MAX_LOG_BYTES) await rename(path, `${path}.previous`);
  return open(path, 'a', 0o600);
}

function forwardLines(child: ChildProcess, onLine: (line: string) => void): void {
  const streams = [child.stdout, child.stderr].filter((stream): stream is Readable => stream !== null);
  for (const input of streams) createInterface({ input }).on('line', onLine);
}

async function afterExit(end: PartExit, pid: number, pidFile: string | undefined): Promise<PartExit> {
  sendSignal(-pid, 'SIGKILL'); // what the process itself has left behind in its group
  forget(pid);
  if (pidFile !== undefined) await rm(pidFile, { force: true });
  return end;
}

interface PartState {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string | undefined;
  readonly exited: Promise<PartExit>;
  readonly stopOptions: StopOptions;
}

function partOf({ name, pid, logFile, exited, stopOptions }: PartState): Part {
  let stopRequested = false;
  let ended = false;
  void exited.then(() => (ended = true));
  const kill = () => {
    stopRequested = true;
    if (!ended) sendSignal(-pid, 'SIGKILL');
  };
  const stop = async () => {
    stopRequested = true;
    if (!ended) sendSignal(pid, stopOptions.stopSignal);
    const timer = setTimeout(kill, stopOptions.graceMs);
    await exited;
    clearTimeout(timer);
  };
  return {
    name,
    pid,
    logFile,
    exited,
    stop,
    kill,
    get stopRequested() {
      return stopRequested;
    },
  };
}

/** One sentence for a log or an error: how the process ended. */
export const describeExit = ({ code, signal }: PartExit): string =>
  signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;

const TAIL_LINES = 15;

/** The end of a part's log, for the error that says why it did not start. */
export async function readTail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
