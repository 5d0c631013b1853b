// The recorded histories, and what replaying them says. Those of the present schemaVersion lie in `histories`, those of
// an earlier one in a folder of its own beside the build that made them: `histories/schema-1`, `builds/schema-1.js`.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type History, historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../workflows/harness.js';

export const HISTORIES = fileURLToPath(new URL('./histories', import.meta.url));
const BUILDS = fileURLToPath(new URL('./builds', import.meta.url));

/** Where the workflow code of an earlier version is kept: one module, without the SDK and without comments. */
export const buildOf = (schemaVersion: number): string => join(BUILDS, `${folderOf(schemaVersion)}.js`);

export const folderOf = (schemaVersion: number): string => `schema-${schemaVersion}`;

/** Below `folder`, which is one of `histories`: all of them, or those of an earlier version. */
export async function historyNames(folder = ''): Promise<string[]> {
  const files = await readdir(join(HISTORIES, folder), { recursive: true });
  return files.filter((name) => name.endsWith('.json')).sort();
}

/** Of the present version only. */
export const presentNames = async (): Promise<string[]> =>
  (await historyNames()).filter((name) => name === basename(name));

export const readHistory = async (name: string): Promise<History> =>
  historyFromJSON(JSON.parse(await readFile(join(HISTORIES, name), 'utf8')));

export interface Replay {
  readonly replayed: number;
  /** By name of the history: where it and the code part. Empty when all is well. */
  readonly failed: Readonly<Record<string, string>>;
}

/** Replays by today's code, or by that of an earlier build. */
export async function replay(names: readonly string[], workflowsPath?: string): Promise<Replay> {
  async function* histories() {
    for (const name of names) yield { workflowId: name, history: await readHistory(name) };
  }
  let replayed = 0;
  const failed: Record<string, string> = {};
  const options = { workflowBundle: await workflowBundle(workflowsPath) };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories())) {
    replayed += 1;
    if (error !== undefined) failed[workflowId] = error.message;
  }
  return { replayed, failed };
}
