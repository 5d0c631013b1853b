// The Temporal CLI as fetched once for this project. It appears under its name only when it is complete, with its size
// noted beside it: a file that was cut short since is not taken for the program.
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORAL_CLI_VERSION } from './temporal-cli-wheel.js';

const EXECUTABLE = 0o755;
const PROGRAM = 'temporal';
const MARKER = 'size-bytes';

const folderIn = (cacheDir: string): string =>
  join(cacheDir, `temporal-cli-${TEMPORAL_CLI_VERSION}-${process.platform}-${process.arch}`);

/** Undefined when nothing was fetched yet, or what was is damaged. */
export async function cachedCli(cacheDir: string): Promise<string | undefined> {
  const folder = folderIn(cacheDir);
  try {
    const [noted, found] = await Promise.all([readFile(join(folder, MARKER), 'utf8'), stat(join(folder, PROGRAM))]);
    return Number(noted) === found.size ? join(folder, PROGRAM) : undefined;
  } catch {
    return undefined;
  }
}

/** Runs the fetch in a folder of its own, which it may fill as it likes; it returns the program's path in there. */
export async function fetchIntoCache(cacheDir: string, fetchTo: (dir: string) => Promise<string>): Promise<string> {
  const work = join(cacheDir, `fetch-${randomUUID()}`);
  await mkdir(join(work, 'done'), { recursive: true });
  try {
    const program = await fetchTo(work);
    await chmod(program, EXECUTABLE);
    await writeFile(join(work, 'done', MARKER), String((await stat(program)).size));
    await rename(program, join(work, 'done', PROGRAM));
    const folder = folderIn(cacheDir);
    // What is there is damaged, or another start has just put the same there: either way it can be replaced.
    await rm(folder, { recursive: true, force: true });
    await rename(join(work, 'done'), folder);
    return join(folder, PROGRAM);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
