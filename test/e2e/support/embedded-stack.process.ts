// Runs embedded-stack.ts and follows it: its pids when it is up, its lines, its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { identityOf, isRunning, type ProcessRef } from '../../../src/embedded/processes/process-control.js';

export type StackPart = 'postgres' | 'temporal' | 'idle';

export interface StackProcess {
  readonly pid: number;
  readonly parts: Readonly<Record<StackPart, ProcessRef>>;
  /** What it has told so far. */
  lines(): readonly string[];
  /** Its exit code, null after a signal. */
  readonly exitCode: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
}

export interface StackOptions {
  readonly dataDir: string;
  readonly cliPath: string;
  readonly mood?: 'normal' | 'stubborn';
}

const SCRIPT = fileURLToPath(new URL('./embedded-stack.ts', import.meta.url));

export async function runStack(options: StackOptions): Promise<StackProcess> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', SCRIPT, options.dataDir, options.cliPath, options.mood ?? 'normal'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  const firstLine = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const up = await Promise.race([firstLine, exitCode.then(() => undefined)]);
  if (up === undefined) throw new Error(`the stack did not come up:\n${lines.join('\n')}`);
  const { pids } = JSON.parse(up[0]) as { pids: Record<StackPart, number> };
  const parts = { postgres: refOf(pids.postgres), temporal: refOf(pids.temporal), idle: refOf(pids.idle) };
  return { pid: child.pid ?? 0, parts, lines: () => lines, exitCode, signal: (name) => void child.kill(name) };
}

const refOf = (pid: number): ProcessRef => ({ pid, identity: identityOf(pid) ?? 'gone' });

/** The names of the parts that still run. */
export const running = (stack: StackProcess): readonly string[] =>
  Object.entries(stack.parts).flatMap(([name, ref]) => (isRunning(ref) ? [name] : []));
