// Our end of the reaper's pipe (see reaper-process.ts): parts are listed after their start and struck off after their
// end. One reaper per process, started with the first part; it never keeps the process alive.
import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ProcessRef, StopOptions } from './process-control.js';

export type ReaperMessage =
  | { readonly kind: 'watch'; readonly ref: ProcessRef; readonly stop: StopOptions }
  | { readonly kind: 'forget'; readonly pid: number };

let pipe: Writable | undefined;

/** From now on the part is stopped when this process dies, in whatever way. */
export const watch = (ref: ProcessRef, stop: StopOptions): void => send({ kind: 'watch', ref, stop });

/** The part has ended; its pid may mean another process soon. */
export const forget = (pid: number): void => send({ kind: 'forget', pid });

function send(message: ReaperMessage): void {
  pipe ??= startReaper();
  pipe.write(`${JSON.stringify(message)}\n`);
}

function startReaper(): Writable {
  const ownFile = fileURLToPath(import.meta.url);
  const file = fileURLToPath(new URL(`./reaper-process${extname(ownFile)}`, import.meta.url));
  // A Node too old to strip types itself is running under a loader, which its options name.
  const options = process.features.typescript ? [] : process.execArgv;
  const child = spawn(process.execPath, [...options, file], {
    detached: true,
    cwd: '/',
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a reaper a SIGKILL leaves parts behind and nothing else changes; the next start finds and stops them.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  unrefStream(child.stdin);
  return child.stdin;
}

/** A child's pipe is a socket, which its type does not say. */
function unrefStream(stream: Writable & { unref?: () => unknown }): void {
  stream.unref?.();
}
