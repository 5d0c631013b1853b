// Histories of earlier workflow code, replayed by today's: whatever runs must go on running after a deployment.
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { SCHEMA_VERSION } from '../../workflows/connection/messages.js';
import { buildOf, folderOf, HISTORIES, historyNames, replay } from './histories.js';

test('replays every recorded history without a difference', async () => {
  const names = await historyNames();

  expect(await replay(names)).toEqual({ replayed: names.length, failed: {} });

  expect(names.length).toBeGreaterThan(0);
});

const EARLIER = Array.from({ length: SCHEMA_VERSION - 1 }, (_, n) => n + 1);

test('has histories of every earlier version', async () => {
  const folders = (await readdir(HISTORIES, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(EARLIER.map(folderOf));
});

test.each(EARLIER)(
  'keeps the build of version %i as it was: it replays the histories that it made',
  async (version) => {
    const folder = folderOf(version);
    const names = (await historyNames(folder)).map((name) => `${folder}/${basename(name)}`);

    expect(await replay(names, buildOf(version))).toEqual({ replayed: names.length, failed: {} });

    expect(names.length).toBeGreaterThan(0);
  },
);
