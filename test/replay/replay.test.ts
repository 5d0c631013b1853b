// Histories of earlier workflow code, replayed by today's: whatever runs must go on running after a deployment.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { workflowBundle } from '../workflows/harness.js';

const HISTORIES = new URL('./histories/', import.meta.url);

/** Also those of earlier versions, each in a folder of its own. */
async function names(): Promise<string[]> {
  const files = await readdir(fileURLToPath(HISTORIES), { recursive: true });
  return files.filter((name) => name.endsWith('.json')).sort();
}

async function* histories() {
  for (const name of await names()) {
    const history: unknown = JSON.parse(await readFile(new URL(name, HISTORIES), 'utf8'));
    yield { workflowId: name, history };
  }
}

it('replays every recorded history without a difference', async () => {
  const replayed: string[] = [];
  const failed: Record<string, string> = {};

  const results = Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, histories());
  for await (const { workflowId, error } of results) {
    replayed.push(workflowId);
    if (error !== undefined) failed[workflowId] = error.message;
  }

  expect(failed).toEqual({});
  expect(replayed.length).toBeGreaterThan(0);
  expect(replayed).toHaveLength((await names()).length);
});
