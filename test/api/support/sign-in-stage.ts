// The api with people who sign in and keys that are checked, as main.api.ts puts it together: on a database of its own,
// with an account that bootstrap has made. A browser is played by a jar of cookies.
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { ApiModule } from '../../../src/api/api.module.js';
import { createAuthenticator } from '../../../src/api/auth/authenticator.js';
import { bootstrap } from '../../../src/api/auth/bootstrap.js';
import { type AppOptions, createApp } from '../../../src/api/http/create-app.js';
import { createOperatorKey } from '../../../src/api/http/operator-key.js';
import type { OidcSettings } from '../../../src/api/sign-in/oidc.js';
import { createSignIn } from '../../../src/api/sign-in/sign-in.js';
import { Secret } from '../../../src/domain/secret.js';
import { openApiDatabase } from '../../../src/store/api-database.js';
import { type Database, openDatabase } from '../../../src/store/database.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { Browser } from './browser.js';
import { CONNECTIONS_AWAY, REPAIRS_AWAY } from './connections-away.js';
import { type Reply, replyOf, request } from './http-reply.js';

export const ADMIN_EMAIL = 'root@example.com';
export const PASSWORD = 'correct horse battery';
export const API_KEY = { key: 'boot', secret: 'a-secret-of-the-operator' };
export const PUBLIC_URL = new URL('http://127.0.0.1:8080');

export interface SignInStage {
  readonly url: string;
  readonly accountId: string;
  readonly owner: Database;
  /** Every line that was logged. */
  readonly logged: readonly string[];
  /** A browser on our own pages; nobody is signed in. */
  browser(): Browser;
  signedIn(email?: string, password?: string): Promise<Browser>;
  /** With an API key, by default the operator's. */
  withKey(route: string, body?: unknown, apiKey?: { readonly key: string; readonly secret: string }): Promise<Reply>;
  /** Somebody invited and accepted; returns the id. */
  member(email: string, reach?: object): Promise<string>;
  anOrganization(): Promise<string>;
  close(): Promise<void>;
}

export interface SignInStageOptions extends AppOptions {
  readonly publicUrl?: URL;
  readonly oidc?: OidcSettings;
  readonly port?: number;
  /** Of whoever operates the product; by default there is none. */
  readonly operatorKey?: { readonly key: string; readonly secret: string };
  /** `host:port` of something between the api and its database. */
  readonly databaseThrough?: string;
  /** A database that another stage has made: one more api process on it. */
  readonly database?: Pick<TestDatabase, 'url' | 'apiUrl'>;
}

export async function openSignInStage(
  options: SignInStageOptions = {},
): Promise<SignInStage & { databaseUrl: string; database: Pick<TestDatabase, 'url' | 'apiUrl'> }> {
  const {
    publicUrl = PUBLIC_URL,
    oidc,
    database: given,
    port = 0,
    databaseThrough,
    operatorKey,
    ...appOptions
  } = options;
  const testDatabase = given === undefined ? await createTestDatabase() : { ...given, drop: async () => undefined };
  const owner = openDatabase({ url: testDatabase.url, maxConnections: 3 });
  const apiDatabaseUrl = new URL(testDatabase.apiUrl);
  if (databaseThrough !== undefined) apiDatabaseUrl.host = databaseThrough;
  const database = openApiDatabase({ url: apiDatabaseUrl.href, maxConnections: 8 });
  const { accountId } = await bootstrap(owner, {
    account: 'Acme',
    admin: { email: ADMIN_EMAIL, password: new Secret(PASSWORD) },
    apiKey: { key: API_KEY.key, secret: new Secret(API_KEY.secret) },
  });
  const logged: string[] = [];
  const log = pino(
    { level: 'trace' },
    new Writable({ write: (line, _, done) => done(void logged.push(String(line))) }),
  );
  const signIn = createSignIn({ database, log, publicUrl, oidc, secret: new Secret('s'.repeat(20) + randomUUID()) });
  const unlimited = { general: 1e9, account: 1e9, siem: 1e9, address: 1e9 };
  const module = ApiModule.with({
    log,
    database,
    rateLimits: unlimited,
    readiness: { missing: async () => [] },
    connections: CONNECTIONS_AWAY,
    repairs: REPAIRS_AWAY,
    authenticator: createAuthenticator({ database, signIn, publicUrl }),
    operatorKey: createOperatorKey(operatorKey && { key: operatorKey.key, secret: new Secret(operatorKey.secret) }),
    signIn: { signIn, publicUrl, oidcName: oidc?.name ?? null },
  });
  const app = await createApp(module, appOptions);
  await app.listen(port, '127.0.0.1');
  const url = (await app.getUrl()).replace(/\/$/, '');
  const browser = () => new Browser(url, publicUrl.origin);
  const withKey: SignInStage['withKey'] = async (route, body, { key, secret } = API_KEY) => {
    const [method = '', path = ''] = route.split(' ', 2);
    const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
    return replyOf(await fetch(`${url}${path}`, request(method, body, { authorization })));
  };
  return {
    url,
    accountId,
    owner,
    logged,
    browser,
    withKey,
    databaseUrl: testDatabase.url,
    database: testDatabase,
    async signedIn(email = ADMIN_EMAIL, password = PASSWORD) {
      const each = browser();
      const { status, text } = await each.signIn(email, password);
      if (status !== 200) throw new Error(`not signed in: ${status} ${text}`);
      return each;
    },
    async member(email, reach = { role: 'read_only' }) {
      const { body } = await withKey('POST /v1/invitations', { email, ...reach });
      const token = String(body.link).split('/').at(-1);
      const accepted = await browser().send(`POST /v1/invitations/${token}/accept`, {
        name: 'Somebody',
        password: PASSWORD,
      });
      if (accepted.status !== 201) throw new Error(accepted.text);
      const { items } = (await withKey('GET /v1/users?limit=200')).body;
      return items.find((user: { email: string }) => user.email === email).id;
    },
    async anOrganization() {
      const id = randomUUID();
      await owner.kysely.insertInto('organizations').values({ accountId, id, name: id }).execute();
      return id;
    },
    async close() {
      await app.close();
      await Promise.all([database.close(), owner.close()]);
      await testDatabase.drop();
    },
  };
}
