// The numbers of src/capacity.ts against each other and against PostgreSQL's own limit.
import { expect, test } from 'vitest';
import { DATABASE_POOL_SIZE, SIGN_OF_LIFE_CONNECTIONS, WORKER_SLOTS } from '../../src/capacity.js';
import { parseConfig, shapes } from '../../src/config.js';

/** PostgreSQL's defaults: max_connections less superuser_reserved_connections. */
const USABLE_CONNECTIONS = 100 - 3;
const WORKERS = 3;
/** For migrate, the command line, a backup and a person. */
const SPARE = 10;

const WORKER = {
  DATABASE_URL: 'postgres://db/x',
  TEMPORAL_ADDRESS: 'temporal:7233',
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64url')}`,
};
const API = { ...WORKER, API_DATABASE_URL: 'postgres://api@db/x', SESSION_SECRET: 'x'.repeat(32) };

test('three workers and an api fit a PostgreSQL as it comes', () => {
  const most = WORKERS * (DATABASE_POOL_SIZE.worker + SIGN_OF_LIFE_CONNECTIONS) + DATABASE_POOL_SIZE.api;
  expect(most).toBe(85);
  expect(most + SPARE).toBeLessThanOrEqual(USABLE_CONNECTIONS);
});

test('each process has its own pool, and a worker its slots', () => {
  expect(parseConfig(shapes.api, API).DATABASE_POOL_SIZE).toBe(DATABASE_POOL_SIZE.api);
  expect(parseConfig(shapes.worker, WORKER)).toMatchObject({
    DATABASE_POOL_SIZE: DATABASE_POOL_SIZE.worker,
    WORKER_POLL_SLOTS: WORKER_SLOTS.poll,
    WORKER_COMMAND_SLOTS: WORKER_SLOTS.command,
    WORKER_BACKFILL_SLOTS: WORKER_SLOTS.backfill,
  });
});

test.each(['DATABASE_POOL_SIZE', 'WORKER_POLL_SLOTS', 'WORKER_COMMAND_SLOTS', 'WORKER_BACKFILL_SLOTS'])(
  '%s is a whole number, and not none',
  (name) => {
    expect(parseConfig(shapes.worker, { ...WORKER, [name]: '7' })).toMatchObject({ [name]: 7 });
    for (const wrong of ['0', '-1', '2.5', 'many'])
      expect(() => parseConfig(shapes.worker, { ...WORKER, [name]: wrong })).toThrow(name);
  },
);
