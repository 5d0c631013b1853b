import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootstrapConfig, ConfigError, parseConfig, shapes, signInConfig } from '../../../src/config.js';
import { keepGeneratedSecrets } from '../../../src/embedded/generated-secrets.js';
import { guessableBootstrap } from '../../../src/guessable-bootstrap.js';

const API = {
  DATABASE_URL: 'postgres://user:secret@db:5432/sentinelone',
  API_DATABASE_URL: 'postgres://api:secret@db:5432/sentinelone',
  TEMPORAL_ADDRESS: 'temporal:7233',
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64url')}`,
  SESSION_SECRET: 'x'.repeat(32),
};
const MIGRATE = { DATABASE_URL: API.DATABASE_URL };
const OIDC = { OIDC_ISSUER: 'https://idp.example.com/realm', OIDC_CLIENT_ID: 'siem', OIDC_CLIENT_SECRET: 'hush-hush' };
/** 32 characters, which is as short as it may be. */
const SECRET = `se:cret-${'x'.repeat(24)}`;
const ADMIN = { BOOTSTRAP_ADMIN_EMAIL: 'Root@Example.com', BOOTSTRAP_ADMIN_PASSWORD: 'correct horse' };

describe('the api', () => {
  test('needs a long session secret, and is at its own port when nobody says where', () => {
    const { publicUrl, secret, oidc } = signInConfig(parseConfig(shapes.api, API));
    expect([publicUrl.origin, secret.reveal(), oidc]).toEqual(['http://127.0.0.1:8080', API.SESSION_SECRET, undefined]);
    expect(problemsOf(shapes.api, { ...API, SESSION_SECRET: '' })).toContain('SESSION_SECRET: is not set');
    const short = problemsOf(shapes.api, { ...API, SESSION_SECRET: 'too-short-to-show' });
    expect(short).toContain('SESSION_SECRET: must have at least 32 characters');
    expect(short).not.toContain('too-short-to-show');
  });

  test.each([
    'https://siem.example.com',
    'https://siem.example.com:8443/',
    'http://localhost:8080',
    'http://127.0.0.1',
  ])('may be at %s', (text) => {
    const { publicUrl } = signInConfig(parseConfig(shapes.api, { ...API, PUBLIC_URL: text }));
    expect(publicUrl.href).toBe(new URL(text).href);
  });

  test.each([
    'http://siem.example.com',
    'https://siem.example.com/console',
    'siem.example.com',
    'https://u@siem.example.com',
  ])('may not be at %s', (text) =>
    expect(problemsOf(shapes.api, { ...API, PUBLIC_URL: text })).toContain('PUBLIC_URL: must'),
  );

  test('has an operator only when a key with a long secret is set', () => {
    expect(parseConfig(shapes.api, API).OPERATOR_API_KEY).toBeUndefined();
    const { OPERATOR_API_KEY: pair } = parseConfig(shapes.api, { ...API, OPERATOR_API_KEY: `ops:${SECRET}` });
    expect([pair?.key, pair?.secret.reveal()]).toEqual(['ops', SECRET]);
    expect(JSON.stringify(pair)).not.toContain(SECRET);
    const short = problemsOf(shapes.api, { ...API, OPERATOR_API_KEY: `ops:${SECRET.slice(1)}` });
    expect(short).toContain('OPERATOR_API_KEY: must be key:secret');
    expect(short).not.toContain(SECRET.slice(1));
  });

  test('signs in at a provider when it knows everything of it', () => {
    const { oidc } = signInConfig(parseConfig(shapes.api, { ...API, ...OIDC }));
    expect(oidc).toMatchObject({ clientId: 'siem', name: 'Single sign-on' });
    expect(oidc?.issuer.href).toBe(OIDC.OIDC_ISSUER);
    expect(JSON.stringify(oidc)).not.toContain(OIDC.OIDC_CLIENT_SECRET);
    const problems = problemsOf(shapes.api, { ...API, OIDC_ISSUER: OIDC.OIDC_ISSUER });
    expect(problems).toContain('OIDC_CLIENT_ID: goes with OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET');
    expect(problems).toContain('OIDC_CLIENT_SECRET:');
  });
});

describe('bootstrap', () => {
  test('is nothing when nothing is set', () => {
    expect(bootstrapConfig(parseConfig(shapes.migrate, MIGRATE))).toBeUndefined();
  });

  test('takes what `npm start` generates', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'generated-secrets-'));
    try {
      const { adminPassword, apiKey } = await keepGeneratedSecrets(folder);
      const environment = { ...MIGRATE, ...ADMIN, BOOTSTRAP_ACCOUNT: 'Acme', BOOTSTRAP_API_KEY: apiKey };
      const wanted = bootstrapConfig(
        parseConfig(shapes.migrate, { ...environment, BOOTSTRAP_ADMIN_PASSWORD: adminPassword }),
      );
      expect(wanted?.admin?.password.reveal()).toBe(adminPassword);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('is what is set', () => {
    const environment = { ...MIGRATE, ...ADMIN, BOOTSTRAP_ACCOUNT: 'Acme', BOOTSTRAP_API_KEY: `key:${SECRET}` };
    const wanted = bootstrapConfig(parseConfig(shapes.migrate, environment));
    expect(wanted).toMatchObject({ account: 'Acme', admin: { email: 'root@example.com' }, apiKey: { key: 'key' } });
    expect(wanted?.apiKey?.secret.reveal()).toBe(SECRET);
    expect(JSON.stringify(wanted)).not.toMatch(/se:cret|horse/);
  });

  test.each([
    ['x'.repeat(12), SECRET, []],
    ['x'.repeat(11), SECRET, ['BOOTSTRAP_ADMIN_PASSWORD has fewer than 12']],
    ['x'.repeat(12), SECRET.slice(1), ['the secret of BOOTSTRAP_API_KEY has fewer than 32']],
    ['x'.repeat(8), 'x'.repeat(8), ['BOOTSTRAP_ADMIN_PASSWORD has', 'the secret of BOOTSTRAP_API_KEY has']],
  ])(
    'a password %s and a key secret %s are told to be replaced where they can be guessed',
    (password, secret, told) => {
      const config = parseConfig(shapes.migrate, {
        ...MIGRATE,
        ...ADMIN,
        BOOTSTRAP_ACCOUNT: 'Acme',
        BOOTSTRAP_ADMIN_PASSWORD: password,
        BOOTSTRAP_API_KEY: `key:${secret}`,
      });
      expect(guessableBootstrap(config)).toEqual(told.map((part) => expect.stringContaining(part) as string));
    },
  );

  test.each([
    [{ BOOTSTRAP_API_KEY: `key:${SECRET}` }, 'BOOTSTRAP_ACCOUNT: BOOTSTRAP_API_KEY needs it'],
    [{ BOOTSTRAP_ACCOUNT: 'Acme', BOOTSTRAP_ADMIN_EMAIL: 'a@example.com' }, 'BOOTSTRAP_ADMIN_PASSWORD: goes with'],
    [{ BOOTSTRAP_ACCOUNT: 'Acme', BOOTSTRAP_API_KEY: 'no-colon-at-all' }, 'BOOTSTRAP_API_KEY: must be key:secret'],
    [{ BOOTSTRAP_ACCOUNT: 'Acme', BOOTSTRAP_API_KEY: 'key:sevench' }, 'at least 8 characters; `openssl rand'],
    [
      { ...ADMIN, BOOTSTRAP_ACCOUNT: 'Acme', BOOTSTRAP_ADMIN_PASSWORD: 'sevench' },
      'BOOTSTRAP_ADMIN_PASSWORD: must have at least 8 characters',
    ],
    [
      { ...ADMIN, BOOTSTRAP_ACCOUNT: 'Acme', BOOTSTRAP_ADMIN_PASSWORD: 'x'.repeat(129) },
      'BOOTSTRAP_ADMIN_PASSWORD: must have at most 128 characters',
    ],
  ])('%o is refused', (environment, problem) => {
    const problems = problemsOf(shapes.migrate, { ...MIGRATE, ...environment });
    expect(problems).toContain(problem);
    for (const value of ['no-colon-at-all', 'sevench']) expect(problems).not.toContain(value);
  });
});

function problemsOf(shape: Parameters<typeof parseConfig>[0], environment: Record<string, string>): string {
  try {
    parseConfig(shape, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
