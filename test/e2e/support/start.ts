// `npm start` as a process: what it prints, what it writes to stack.json, what it leaves behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chooseFreePorts } from '../../../src/embedded/processes/free-port.js';
import { identityOf, isRunning } from '../../../src/embedded/processes/process-control.js';
import type { StackFile } from '../../../src/embedded/stack-file.js';
import { waitUntil } from './e2e-stack.js';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const UP_TIMEOUT_MS = 150_000;

export interface Started {
  readonly stack: StackFile;
  readonly workerUrl: string;
  lines(): readonly string[];
  signal(name: NodeJS.Signals): void;
  readonly exitCode: Promise<number | null>;
  /** Names of the parts that still run, `start` among them. */
  running(): string[];
}

export const stackFileIn = (dataDir: string): string => join(dataDir, 'stack.json');

/** Starts and returns when everything is up and, where it seeds, seeded. */
export async function npmStart(dataDir: string, environment: NodeJS.ProcessEnv): Promise<Started> {
  const [workerPort = 0] = await chooseFreePorts(1);
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.start.ts'], {
    cwd: PROJECT,
    env: { ...process.env, DATA_DIR: dataDir, PORT: '0', WORKER_PORT: String(workerPort), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', (line) => lines.push(line));
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  let ended = false;
  void exitCode.then(() => (ended = true));
  await waitUntil('start to be up', () => ended || lines.includes('  Ctrl-C stops everything.'), UP_TIMEOUT_MS);
  if (ended) throw new Error(`start ended by itself:\n${lines.join('\n')}`);
  const stack = JSON.parse(await readFile(stackFileIn(dataDir), 'utf8')) as StackFile;
  const parts = Object.entries(stack.pids).map(([name, pid]) => ({ name, pid, identity: identityOf(pid) ?? 'gone' }));
  return {
    stack,
    workerUrl: `http://127.0.0.1:${workerPort}`,
    lines: () => lines,
    signal: (name) => void child.kill(name),
    exitCode,
    running: () => parts.filter(isRunning).map(({ name }) => name),
  };
}
