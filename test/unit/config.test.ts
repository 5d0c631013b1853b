import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, parseConfig, shapes } from '../../src/config.js';

const KEY = `k1:${Buffer.alloc(32, 7).toString('base64url')}`;
const WORKER = {
  DATABASE_URL: 'postgres://user:secret@db:5432/sentinelone',
  TEMPORAL_ADDRESS: 'temporal:7233',
  ENCRYPTION_KEYS: KEY,
};

test('a worker needs database, Temporal and keys, and has defaults for the rest', () => {
  const config = parseConfig(shapes.worker, WORKER);
  expect(config).toMatchObject({
    TEMPORAL_NAMESPACE: 'default',
    SENTINELONE_REQUESTS_PER_SECOND: 10,
    WORKER_PORT: 9464,
    LOG_LEVEL: 'info',
  });
  expect(config.ENCRYPTION_KEYS.map(({ kid }) => kid)).toEqual(['k1']);
  expect(config.SENTINELONE_ALLOWED_ORIGINS).toEqual([
    { scheme: 'https', host: 'sentinelone.net', anySubdomain: true, port: '' },
  ]);
});

test('a variable may be in a file, and a database’s password apart from its address', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const inFile = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const config = parseConfig(shapes.worker, {
    ...WORKER,
    ENCRYPTION_KEYS: '',
    ENCRYPTION_KEYS_FILE: inFile('keys', `${KEY}\n`),
    DATABASE_URL: 'postgres://user@db:5432/sentinelone',
    DATABASE_PASSWORD_FILE: inFile('password', 'p@ss:/?#%word\n'),
  });
  expect(config.ENCRYPTION_KEYS.map(({ kid }) => kid)).toEqual(['k1']);
  expect(decodeURIComponent(new URL(config.DATABASE_URL).password)).toBe('p@ss:/?#%word');
  expect(parseConfig(shapes.worker, { ...WORKER, DATABASE_PASSWORD: 'other' }).DATABASE_URL).toBe(WORKER.DATABASE_URL);

  const api = { ...WORKER, SESSION_SECRET: 'x'.repeat(32), API_DATABASE_URL: 'postgres://api@pooler/x' };
  const both = { ...api, API_LISTEN_DATABASE_URL: 'postgres://api@db/x', API_DATABASE_PASSWORD: 'a b' };
  const { API_DATABASE_URL: url, API_LISTEN_DATABASE_URL: listenUrl } = parseConfig(shapes.api, both);
  expect([url, listenUrl]).toEqual(['postgres://api:a%20b@pooler/x', 'postgres://api:a%20b@db/x']);
});

test('a variable that is there twice, or in a file that cannot be read, is a problem that names it', () => {
  const wrong = { ...WORKER, ENCRYPTION_KEYS_FILE: '/somewhere/keys', DATABASE_PASSWORD_FILE: '/no/such/file' };
  const problems = messageOf(() => parseConfig(shapes.worker, wrong));
  expect(problems).toContain('  ENCRYPTION_KEYS: set it or ENCRYPTION_KEYS_FILE, not both');
  expect(problems).toContain('  DATABASE_PASSWORD: DATABASE_PASSWORD_FILE cannot be read (ENOENT)');
});

test('npm start refuses consoles that cannot be read before anything is started', () => {
  const problems = messageOf(() => parseConfig(shapes.start, { SENTINELONE_ALLOWED_ORIGINS: 'not an origin' }));
  expect(problems).toContain('SENTINELONE_ALLOWED_ORIGINS:');
});

test('the api needs a role of its own, and does not know the owner', () => {
  const problems = messageOf(() => parseConfig(shapes.api, { ...WORKER, SESSION_SECRET: 'x'.repeat(32) }));
  expect(problems).toContain('API_DATABASE_URL: is not set');
  expect(Object.keys(shapes.api.shape)).not.toContain('DATABASE_URL');
});

test('every problem is in one message that names the variable', () => {
  const problems = messageOf(() =>
    parseConfig(shapes.worker, {
      ...WORKER,
      DATABASE_URL: '',
      ENCRYPTION_KEYS: 'k1:short',
      WORKER_PORT: '70000',
      SENTINELONE_REQUESTS_PER_SECOND: 'many',
    }),
  );
  expect(problems).toContain('DATABASE_URL: is not set');
  expect(problems).toContain('ENCRYPTION_KEYS: entry 1 is not kid:base64url of 32 bytes');
  expect(problems).toContain('WORKER_PORT:');
  expect(problems).toContain('SENTINELONE_REQUESTS_PER_SECOND:');
});

test.each([
  ['no URL', 'localhost:5432'],
  ['another scheme', 'mysql://db/x'],
])('a DATABASE_URL that is %s is refused without showing it', (_, url) => {
  const problems = messageOf(() => parseConfig(shapes.migrate, { DATABASE_URL: url }));
  expect(problems).toContain('DATABASE_URL: must be a URL such as postgres://');
  expect(problems).not.toContain(url);
});

test('an encryption key is never in a message', () => {
  const secret = Buffer.alloc(31, 9).toString('base64url');
  const problems = messageOf(() => parseConfig(shapes.worker, { ...WORKER, ENCRYPTION_KEYS: `k1:${secret}` }));
  expect(problems).not.toContain(secret);
});

test('start needs nothing and keeps an empty variable unset', () => {
  const config = parseConfig(shapes.start, { DATABASE_URL: '', SIMULATOR: 'off' });
  expect(config).toMatchObject({ SIMULATOR: 'off', PORT: 8080, EVENT_RETENTION_DAYS: 365 });
  expect(config.DATABASE_URL).toBeUndefined();
});

test('migrate needs no keys and no Temporal', () => {
  expect(parseConfig(shapes.migrate, { DATABASE_URL: WORKER.DATABASE_URL })).toBeDefined();
});

test('a word where a choice is asked for names the choices', () => {
  const problems = messageOf(() => parseConfig(z.object({ SIMULATOR: z.enum(['on', 'off']) }), { SIMULATOR: 'no' }));
  expect(problems).toContain('SIMULATOR: Invalid option: expected one of "on"|"off"');
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
