// The api as it runs, on a database of its own: a listening application and two accounts that must not see each other.
// Who is calling a test says in a header, so that no test of a noun depends on sign-in.
import { randomUUID } from 'node:crypto';
import type { DynamicModule } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import { ApiModule, type ApiParts } from '../../../src/api/api.module.js';
import { type AppOptions, createApp } from '../../../src/api/http/create-app.js';
import { createOperatorKey } from '../../../src/api/http/operator-key.js';
import type { Authenticator, Principal, Role } from '../../../src/api/http/principal.js';
import { Secret } from '../../../src/domain/secret.js';
import { createLog } from '../../../src/log.js';
import { openApiDatabase } from '../../../src/store/api-database.js';
import { type Database, openDatabase } from '../../../src/store/database.js';
import { anAccountOfTwo } from '../../support/builders.js';
import { createTestDatabase } from '../../support/database.js';
import { CONNECTIONS_AWAY, REPAIRS_AWAY } from './connections-away.js';
import { type Reply, replyOf } from './http-reply.js';

export interface Account {
  readonly accountId: string;
  /** The organization that an `org_user` of the account belongs to. */
  readonly organizationId: string;
  /** One of the same account that an `org_user` does not see. */
  readonly otherOrganizationId: string;
}

/** Whoever operates the product is of no account, and comes with a key. */
export type AnyCaller = Principal | 'operator' | null;

export interface Call {
  readonly as?: AnyCaller;
  /** An object is sent as JSON, text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiStage {
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly databaseUrl: string;
  /** As the api's login role. */
  readonly apiDatabaseUrl: string;
  /** The owner's, which row-level security does not bind. */
  readonly owner: Database;
  readonly ours: Account;
  readonly theirs: Account;
  call(route: string, options?: Call): Promise<Reply>;
  close(): Promise<void>;
}

export interface StageOptions extends AppOptions {
  readonly parts?: Partial<ApiParts>;
  /** Parts that stand on the api's own database. */
  readonly partsOn?: (database: Database) => Partial<ApiParts>;
  /** `host:port` of something between the api and its database. */
  readonly databaseThrough?: string;
  /** To take a guard out, say. */
  readonly change?: (module: DynamicModule) => DynamicModule;
}

const PRINCIPAL_HEADER = 'x-test-principal';
const UNLIMITED = { general: 1e9, account: 1e9, siem: 1e9, address: 1e9 };

export const headerAuthenticator: Authenticator = {
  authenticate: async (request: Request) => {
    const text = request.get(PRINCIPAL_HEADER);
    return text === undefined ? null : (JSON.parse(Buffer.from(text, 'base64url').toString()) as Principal);
  },
};

export const OPERATOR = { key: 'operator', secret: 'the-secret-of-whoever-operates-this' };

export const basic = ({ key, secret }: { readonly key: string; readonly secret: string }): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
});

export function callerHeader(caller: AnyCaller): Record<string, string> {
  if (caller === null) return {};
  return caller === 'operator' ? basic(OPERATOR) : principalHeader(caller);
}

export const principalHeader = (principal: Principal): Record<string, string> => ({
  [PRINCIPAL_HEADER]: Buffer.from(JSON.stringify(principal)).toString('base64url'),
});

/** Somebody with this role in the account; an `org_user` of its first organization. */
export const aPrincipal = (account: Account, role: Role = 'admin'): Principal => ({
  kind: 'user',
  id: randomUUID(),
  label: `${role}@example.com`,
  accountId: account.accountId,
  role,
  organizationIds: role === 'org_user' ? [account.organizationId] : 'all',
});

export async function openApiStage(given: StageOptions = {}): Promise<ApiStage> {
  const { parts, partsOn, change = (module) => module, databaseThrough, ...options } = given;
  const testDatabase = await createTestDatabase();
  const owner = openDatabase({ url: testDatabase.url, maxConnections: 3 });
  const { apiUrl: apiDatabaseUrl } = testDatabase;
  const url = databaseThrough === undefined ? apiDatabaseUrl : atAddress(apiDatabaseUrl, databaseThrough);
  const database = openApiDatabase({ url, maxConnections: 8 });
  const [ours, theirs] = await Promise.all([anAccountOfTwo(owner), anAccountOfTwo(owner)]);
  const log = createLog({ process: 'api', level: 'silent' });
  const module = ApiModule.with({
    log,
    database,
    readiness: { missing: async () => [] },
    authenticator: headerAuthenticator,
    connections: CONNECTIONS_AWAY,
    repairs: REPAIRS_AWAY,
    rateLimits: UNLIMITED,
    operatorKey: createOperatorKey({ key: OPERATOR.key, secret: new Secret(OPERATOR.secret) }),
    ...parts,
    ...partsOn?.(database),
  });
  const app = await createApp(change(module), options);
  await app.listen(0, '127.0.0.1');
  const apiUrl = (await app.getUrl()).replace(/\/$/, '');
  return {
    app,
    url: apiUrl,
    owner,
    ours,
    theirs,
    databaseUrl: testDatabase.url,
    apiDatabaseUrl,
    call: (route, call = {}) => send(apiUrl, route, call),
    async close() {
      await app.close();
      await Promise.all([database.close(), owner.close()]);
      await testDatabase.drop();
    },
  };
}

function atAddress(databaseUrl: string, address: string): string {
  const url = new URL(databaseUrl);
  url.host = address;
  return url.href;
}

/** `GET /v1/organizations?limit=2` */
async function send(url: string, route: string, { as = null, body, headers = {} }: Call): Promise<Reply> {
  const [method = '', path = ''] = route.split(' ', 2);
  const isText = typeof body === 'string';
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...callerHeader(as),
      ...(body === undefined ? {} : { 'content-type': isText ? 'text/csv' : 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  return replyOf(response);
}
