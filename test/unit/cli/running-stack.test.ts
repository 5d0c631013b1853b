import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withRunningStack } from '../../../src/cli/running-stack.js';
import { cliConfig } from '../../../src/config.js';

const STACK = {
  databaseUrl: 'postgres://here/db',
  temporalAddress: '127.0.0.1:7233',
  temporalNamespace: 'here',
  encryptionKeys: `local:${Buffer.alloc(32, 1).toString('base64url')}`,
  pids: { start: process.pid },
};

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'cli-stack-'))));
afterEach(() => rm(folder, { recursive: true }));

const left = (stack: object | string) =>
  writeFile(join(folder, 'stack.json'), typeof stack === 'string' ? stack : JSON.stringify(stack));
const find = (environment: Record<string, string> = {}) => withRunningStack(environment, folder);

test('a running stack needs no environment', async () => {
  await left(STACK);
  const { isFound, environment } = await find();
  expect(isFound).toBe(true);
  expect(cliConfig('token', environment)).toMatchObject({
    databaseUrl: STACK.databaseUrl,
    temporal: { connection: { address: STACK.temporalAddress }, namespace: 'here' },
    encryptionKeys: [{ kid: 'local' }],
  });
});

test('DATA_DIR says where it is', async () => {
  await left(STACK);
  expect(await withRunningStack({ DATA_DIR: folder }, join(folder, 'elsewhere'))).toMatchObject({ isFound: true });
  expect(await withRunningStack({}, join(folder, 'elsewhere'))).toMatchObject({ isFound: false, environment: {} });
});

test('what the environment says wins', async () => {
  await left(STACK);
  const { environment } = await find({ DATABASE_URL: STACK.databaseUrl, TEMPORAL_NAMESPACE: 'mine' });
  expect(environment).toMatchObject({ TEMPORAL_NAMESPACE: 'mine', TEMPORAL_ADDRESS: STACK.temporalAddress });
});

test.each([
  ['database', { DATABASE_URL: 'postgres://production/db' }],
  ['Temporal', { TEMPORAL_ADDRESS: 'production:7233' }],
])('an environment with another %s gets nothing of the stack', async (_, environment) => {
  await left(STACK);
  expect(await find(environment)).toEqual({ isFound: false, environment });
});

test('a stack that was given its keys does not tell them, and what is missing is named', async () => {
  await left({ ...STACK, encryptionKeys: null });
  const { environment } = await find();
  expect(() => cliConfig('token', environment)).toThrow('ENCRYPTION_KEYS: is not set');
  expect(cliConfig('temporal', environment).encryptionKeys).toBeUndefined();
});

test('one that was killed is not used', async () => {
  // Beyond what the system hands out.
  await left({ ...STACK, pids: { start: 2 ** 30 } });
  expect(await find()).toEqual({ isFound: false, environment: {} });
});

test('a file that is no JSON is told', async () => {
  await left('{');
  await expect(find()).rejects.toThrow('is no JSON');
});

test('a file that cannot be read is told', async () => {
  await mkdir(join(folder, 'stack.json')); // root may read every file, but no folder
  await expect(find()).rejects.toThrow('cannot be read (EISDIR)');
});

test('every variable that is missing is named at once', () => {
  expect(() => cliConfig('token', {})).toThrow(
    /DATABASE_URL: is not set\n.*TEMPORAL_ADDRESS: is not set\n.*ENCRYPTION_KEYS: is not set/,
  );
  expect(() => cliConfig('database', { DATABASE_URL: 'x' })).toThrow('DATABASE_URL: must be a URL');
});
