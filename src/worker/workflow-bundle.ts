// The bundle of the code that runs inside workflows. A build brings it along. Development bundles the sources once and
// keeps the result beside the other downloads, under a key of everything that can change it: bundling takes seconds of
// processor, and each start of a worker, in the tests some hundred, would pay them again.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BundleOptions, bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';
import { workflowSources } from './workflow-sources.js';

export type WorkflowBundle = NonNullable<WorkerOptions['workflowBundle']>;

const pathOf = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const BUILT = pathOf('workflow-bundle.js');
const KEPT = pathOf('.cache/workflow-bundle');
/** The sources of what a workflow may import, and the versions of the packages. */
const KEYED_BY = ['workflows', 'src', 'package-lock.json'];

const OUTDATED_AFTER_MS = 24 * 3_600_000;

/** For all workers of a process: each that was given the sources instead would bundle them again. */
export async function workflowBundle(logger?: BundleOptions['logger']): Promise<WorkflowBundle> {
  if (existsSync(BUILT)) return { codePath: BUILT };
  const codePath = join(KEPT, `${await keyOfSources()}.js`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({ ...workflowSources(), ...(logger && { logger }) });
  await keep(codePath, code);
  await removeOutdated();
  return { codePath };
}

async function keyOfSources(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const path of (await Promise.all(KEYED_BY.map(filesUnder))).flat()) {
    hash.update(`\0${path}\0`).update(await readFile(pathOf(path)));
  }
  return hash.digest('hex').slice(0, 32);
}

/** Paths relative to the project, always in the same order. */
async function filesUnder(path: string): Promise<string[]> {
  if (path.endsWith('.json')) return [path];
  const entries = await readdir(pathOf(path), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => file.slice(pathOf('').length)).sort();
}

/** In one step: another process may look for it at the same moment. */
async function keep(path: string, code: string): Promise<void> {
  await mkdir(KEPT, { recursive: true });
  const partial = `${path}.${randomUUID()}`;
  await writeFile(partial, code);
  await rename(partial, path);
}

/** Those of earlier sources. Not at once: another process may be about to read one. */
async function removeOutdated(): Promise<void> {
  for (const file of await readdir(KEPT)) {
    const path = join(KEPT, file);
    const madeAtMs = (await stat(path).catch(() => null))?.mtimeMs ?? Infinity;
    if (Date.now() - madeAtMs > OUTDATED_AFTER_MS) await rm(path, { force: true });
  }
}
