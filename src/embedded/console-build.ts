// The console of a checkout is built when its sources are newer than what was built.
import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageFolder } from '../package-folder.js';

const run = promisify(execFile);
const BUILT = 'dist/web/index.html';
const SOURCES = ['web', 'package-lock.json'];

/** Milliseconds; 0 when there is none. */
async function changedAtMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory()) return found?.mtimeMs ?? 0;
  const entries = await readdir(path);
  return Math.max(0, ...(await Promise.all(entries.map((entry) => changedAtMs(join(path, entry))))));
}

/** Throws what the build said when it failed. */
export async function buildConsole(announce: (line: string) => void, signal: AbortSignal): Promise<void> {
  const folder = packageFolder();
  const builtAtMs = await changedAtMs(join(folder, BUILT));
  const newest = Math.max(...(await Promise.all(SOURCES.map((path) => changedAtMs(join(folder, path))))));
  if (builtAtMs > newest) return;
  announce('console: building, because its sources are newer (about ten seconds)');
  await run('npm', ['run', '--silent', 'build:web'], { cwd: folder, signal });
}
