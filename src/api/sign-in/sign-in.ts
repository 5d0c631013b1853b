// Signing in is Better Auth's: e-mail and password, sessions in cookies, OpenID. What is ours is set here: nobody signs
// up by themselves, nobody without a membership gets a session, and no token of an OpenID provider is kept.
import { randomUUID } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { genericOAuth } from 'better-auth/plugins';
import { Problem } from '../../domain/failures/problem.js';
import { MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS, type Secret } from '../../domain/secret.js';
import type { Logger } from '../../log.js';
import type { Database } from '../../store/database.js';
import { findMembership } from '../../store/people/sign-in-user.repository.js';
import { clientAddress } from '../auth/client-address.js';
import { isLoopback, trustedOrigins } from '../auth/same-origin.js';
import {
  createThrottle,
  SIGN_INS_PER_ADDRESS,
  SIGN_INS_PER_EMAIL,
  SIGN_INS_PER_EMAIL_AND_ADDRESS,
  type Throttle,
  throttleKey,
  WINDOW_SECONDS,
} from '../auth/throttle.js';
import { oidcProvider, type OidcSettings } from './oidc.js';
import { CLIENT_ADDRESS_HEADER, createSignInAudit } from './sign-in.audit.js';
import { signInDatabase } from './sign-in.database.js';
import { SIGN_IN_PATH } from './sign-in.openapi.js';
import { signInTables } from './sign-in.tables.js';

const SESSION_SECONDS = 7 * 86_400;
const RENEWED_AFTER_SECONDS = 86_400;

export interface SignInOptions {
  /** Under the api's role. */
  readonly database: Database;
  readonly log: Logger;
  /** Signs cookies; 32 or more characters. Whoever changes it signs everybody out. */
  readonly secret: Secret;
  /** The address people type. */
  readonly publicUrl: URL;
  readonly oidc?: OidcSettings | undefined;
}

export type SignIn = ReturnType<typeof createSignIn>;

export function createSignIn({ database, log, secret, publicUrl, oidc }: SignInOptions) {
  const { user, session, account, verification, rateLimit } = signInTables;
  const audit = createSignInAudit(database);
  return betterAuth({
    appName: 'SentinelOne log source',
    baseURL: publicUrl.origin,
    basePath: SIGN_IN_PATH,
    secret: secret.reveal(),
    database: { db: signInDatabase(database) as never, type: 'postgres', transaction: true },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD_CHARACTERS,
      maxPasswordLength: MAX_PASSWORD_CHARACTERS,
      revokeSessionsOnPasswordReset: true,
    },
    plugins: oidc === undefined ? [] : [genericOAuth({ config: [oidcProvider(oidc)] })],
    user,
    session: { ...session, expiresIn: SESSION_SECONDS, updateAge: RENEWED_AFTER_SECONDS },
    account: { ...account, updateAccountOnSignIn: false, accountLinking: LINKING },
    verification: { ...verification, storeIdentifier: 'hashed' },
    rateLimit: {
      ...rateLimit,
      enabled: true,
      storage: 'database',
      window: 60,
      max: 300,
      customRules: {
        '/sign-in/*': { window: WINDOW_SECONDS, max: SIGN_INS_PER_ADDRESS.max },
        // Every open page of an office behind one address looks who is signed in; that is no guess, and the limit that
        // every route has per address is enough.
        '/get-session': false,
        '/change-password': { window: WINDOW_SECONDS, max: SIGN_INS_PER_EMAIL_AND_ADDRESS.max },
      },
    },
    trustedOrigins: [...trustedOrigins(publicUrl)],
    hooks: hooks(createThrottle(database)),
    databaseHooks: {
      session: {
        create: { before: async ({ userId }) => requireMembership(database, userId), after: audit.sessionMade },
        delete: { after: audit.sessionEnded },
      },
      account: {
        create: { before: async (account) => ({ data: { ...account, ...NO_TOKENS } }), after: audit.identityLinked },
      },
    },
    advanced: {
      cookiePrefix: 'sentinelone',
      useSecureCookies: !(publicUrl.protocol === 'http:' && isLoopback(publicUrl)),
      // Said aloud, because the library's default depends on NODE_ENV.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
      // The library would remember a mismatch for ever, also after the migration that mends it; readiness asks for
      // migrations.
      database: { generateId: () => randomUUID(), validateSchema: false },
    },
    // What is no refusal is thrown on, and becomes HTTP where every other error does.
    onAPIError: { throw: true },
    // The library calls many a refusal an error, and whoever is refused must not wake anybody; faults are thrown, and
    // logged as faults where every other one is.
    logger: { level: 'warn', log: (_, message) => log.warn({ part: 'sign-in' }, ownWords(message)) },
    telemetry: { enabled: false },
  });
}

/** Both sides have to know that the address is this person's; see oidc.ts for the members of whom we do not. */
const LINKING = { trustedProviders: [], requireLocalEmailVerified: true, allowDifferentEmails: false };

const NO_TOKENS = { accessToken: null, refreshToken: null, idToken: null };

const MAX_WORDS = 100;

/** What the library itself says: a request's own text follows after a colon or stands in quotes. */
const ownWords = (message: string): string => (/^[^:"'`]*/.exec(message)?.[0] ?? '').slice(0, MAX_WORDS).trim();

/** A user whose membership has just been removed, or whom only the OpenID provider knows. */
async function requireMembership(database: Database, userId: string): Promise<void> {
  if ((await findMembership(database.kysely, userId)) !== undefined) return;
  throw new APIError('FORBIDDEN', { code: 'NO_MEMBERSHIP', message: 'this user belongs to no account' });
}

/** Limits per e-mail address beside the library's own per client, which many clients at one password would pass. */
const hooks = (throttle: Throttle) => ({
  before: createAuthMiddleware(async ({ path, body, headers }) => {
    if (AT_PROVIDER.includes(path) && (body as { idToken?: unknown }).idToken !== undefined) {
      throw new APIError('NOT_FOUND', { message: 'sign in at the provider; a token from elsewhere is not taken' });
    }
    // Whoever changes a password wants everybody else out who may know the old one.
    if (path === '/change-password') return { context: { body: { ...(body as object), revokeOtherSessions: true } } };
    if (path !== '/sign-in/email') return undefined;
    const { ofPlace, ofEmail } = keysOf(body, headers);
    // The narrow one first: what it refuses does not count against everybody else.
    await throttle.consume(ofPlace, SIGN_INS_PER_EMAIL_AND_ADDRESS).catch(asApiError);
    await throttle.consume(ofEmail, SIGN_INS_PER_EMAIL).catch(asApiError);
    return undefined;
  }),
  after: createAuthMiddleware(async ({ path, body, headers, context }) => {
    if (path !== '/sign-in/email' || context.newSession == null) return;
    const { ofPlace, ofEmail } = keysOf(body, headers);
    await throttle.forget(ofPlace);
    await throttle.forget(ofEmail);
  }),
});

const AT_PROVIDER: readonly string[] = ['/sign-in/social', '/link-social'];

function keysOf(body: unknown, headers: Headers | undefined) {
  const address = clientAddress(headers?.get(CLIENT_ADDRESS_HEADER) ?? undefined);
  const email = emailOf(body);
  return { ofPlace: throttleKey.signInFrom(email, address), ofEmail: throttleKey.signInEmail(email) };
}

function emailOf(body: unknown): string {
  const { email } = (body ?? {}) as { email?: unknown };
  return typeof email === 'string' ? email : '';
}

function asApiError(error: unknown): never {
  if (!(error instanceof Problem)) throw error;
  const retryAfter = { 'X-Retry-After': String(error.extra['retryAfterSeconds']) };
  throw new APIError('TOO_MANY_REQUESTS', { message: error.message }, retryAfter);
}
