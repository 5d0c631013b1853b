import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepGeneratedSecrets } from '../../../src/embedded/generated-secrets.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'generated-secrets-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const kept = async () => JSON.parse(await readFile(join(dataDir, 'generated-secrets.json'), 'utf8'));

test('the same at every start, in a file that is its owner’s alone', async () => {
  const first = await keepGeneratedSecrets(dataDir);
  expect(await keepGeneratedSecrets(dataDir)).toEqual(first);
  expect(await kept()).toEqual(first);
  expect((await stat(join(dataDir, 'generated-secrets.json'))).mode & 0o777).toBe(0o600);
});

test('what is missing is generated, and what is there stays', async () => {
  await writeFile(join(dataDir, 'generated-secrets.json'), JSON.stringify({ apiKey: 'local:kept' }));
  const { apiKey, sessionSecret } = await keepGeneratedSecrets(dataDir);
  expect(apiKey).toBe('local:kept');
  expect(sessionSecret).toMatch(/^[\w-]{43}$/);
});

test('a data folder of an earlier version keeps its secrets, under the new name as well', async () => {
  const earlier = await keepGeneratedSecrets(dataDir);
  await rm(join(dataDir, 'generated-secrets.json'));
  await writeFile(join(dataDir, 'made-up.json'), JSON.stringify(earlier));
  expect(await keepGeneratedSecrets(dataDir)).toEqual(earlier);
  expect(await kept()).toEqual(earlier);
  expect(await readdir(dataDir)).toEqual(['generated-secrets.json', 'made-up.json']); // which that version may need again
});
