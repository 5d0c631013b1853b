// The store under test: a database of its own for the file, opened both as the owner, which migrate and the worker
// are, and as the api. Closed and dropped when the file ends.
import { afterAll, beforeAll } from 'vitest';
import { type Database, openDatabase } from '../../../src/store/database.js';
import { type Tenant, withTenant } from '../../../src/store/tenant.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

export interface Store {
  readonly url: string;
  readonly owner: Database;
  /** Bound by row-level security. */
  readonly api: Database;
  /** A transaction of this account, as the owner. */
  readonly as: <T>(account: { readonly accountId: string }, fn: (tenant: Tenant) => Promise<T>) => Promise<T>;
  /** The rows of a statement that no repository has, as the owner. */
  readonly query: <Row extends object>(statement: string, values?: unknown[]) => Promise<Row[]>;
  /** Another process: a pool of its own, closed with the rest. */
  open(options?: { readonly role?: string; readonly maxConnections?: number }): Database;
}

export function useStore(): Store {
  let test: TestDatabase | undefined;
  let owner: Database | undefined;
  let api: Database | undefined;
  const opened: Database[] = [];

  const open: Store['open'] = (options = {}) => {
    const database = openDatabase({ url: url(), ...options });
    opened.push(database);
    return database;
  };
  const url = () => known(test).url;

  beforeAll(async () => {
    test = await createTestDatabase();
    owner = open();
    api = openDatabase({ url: test.apiUrl, isSetByRole: true });
    opened.push(api);
  });
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
    await test?.drop();
  });
  return {
    get url() {
      return url();
    },
    get owner() {
      return known(owner);
    },
    get api() {
      return known(api);
    },
    as: ({ accountId }, fn) => withTenant(known(owner), accountId, 'all', fn),
    query: async <Row extends object>(statement: string, values: unknown[] = []) =>
      (await known(owner).pool.query<Row>(statement, values)).rows,
    open,
  };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the store is open only while a test runs');
  return value;
}
