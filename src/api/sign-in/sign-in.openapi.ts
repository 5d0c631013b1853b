// The routes of Better Auth as the OpenAPI document shows them. They are no routes of ours, so nothing describes them
// by itself: a test holds real replies against what is written here.
import { z } from 'zod';
import { ROLES } from '../../domain/roles.js';
import { MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS } from '../../domain/secret.js';
import { type Access, ACCESS_EXTENSION } from '../http/access.decorator.js';
import { id as uuid, instantOut } from '../http/schemas.js';
import { OIDC_PROVIDER_ID } from './oidc.js';

/** Where Better Auth is mounted. Here, so that whoever only names it need not load the library. */
export const SIGN_IN_PATH = '/v1/auth';

interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly access: Access;
  /** `optional`: without one the answer is that there is none. */
  readonly session: 'none' | 'optional' | 'needed';
  readonly body?: z.ZodType;
  readonly reply: z.ZodType;
  readonly problems: readonly number[];
}

// As the library writes them; fields that nobody needs are left unsaid.
const person = z.looseObject({ id: uuid, name: z.string(), email: z.string(), emailVerified: z.boolean() });
const session = z.looseObject({ id: uuid, userId: uuid, expiresAt: instantOut });
const password = z.string().min(MIN_PASSWORD_CHARACTERS).max(MAX_PASSWORD_CHARACTERS);
const place = z.string().describe('A path of ours, such as `/console`');
const atProvider = z.object({
  provider: z.literal(OIDC_PROVIDER_ID),
  callbackURL: place.optional(),
  errorCallbackURL: place.optional().describe('Reached with `?error=`'),
});
const whereTo = z.looseObject({
  url: z.string().describe('Of the provider: send the browser there'),
  redirect: z.boolean(),
});

/** The common ones are added where those of every route are. */
const BODY_PROBLEMS = [400, 413, 415, 422];
const AWAY = 503;

const ROUTES: readonly Route[] = [
  {
    method: 'post',
    path: 'sign-in/email',
    id: 'signInWithPassword',
    access: 'public',
    session: 'none',
    summary: 'Sign in with e-mail address and password; the session is the cookie',
    body: z.object({ email: z.email(), password: z.string() }),
    reply: z.looseObject({ user: person }),
    problems: [...BODY_PROBLEMS, 401, 403, AWAY],
  },
  {
    method: 'post',
    path: 'sign-out',
    id: 'signOut',
    access: 'public',
    session: 'optional',
    summary: 'Sign out: the session ends for whoever holds its cookie',
    reply: z.looseObject({ success: z.boolean() }),
    problems: [403, AWAY],
  },
  {
    method: 'get',
    path: 'get-session',
    id: 'getSession',
    access: 'public',
    session: 'optional',
    summary: 'The session and its user, null when nobody is signed in; renews the cookie once a day',
    reply: z.looseObject({ session, user: person }).nullable(),
    problems: [AWAY],
  },
  {
    method: 'post',
    path: 'change-password',
    id: 'changePassword',
    access: ROLES,
    session: 'needed',
    summary: 'Change the password of whoever is signed in; every other session of theirs ends',
    body: z.object({ currentPassword: z.string(), newPassword: password }),
    reply: z.looseObject({ user: person }),
    problems: [...BODY_PROBLEMS, 401, 403, AWAY],
  },
  {
    method: 'post',
    path: 'sign-in/social',
    id: 'signInAtProvider',
    access: 'public',
    session: 'none',
    summary: 'Begin to sign in at the OpenID provider, where there is one',
    body: atProvider,
    reply: whereTo,
    problems: [...BODY_PROBLEMS, 403, 404, AWAY],
  },
  {
    method: 'post',
    path: 'link-social',
    id: 'linkProvider',
    access: ROLES,
    session: 'needed',
    summary: 'Begin to link whoever is signed in to the OpenID provider, which must know them by the same address',
    body: atProvider,
    reply: whereTo,
    problems: [...BODY_PROBLEMS, 401, 403, 404, AWAY],
  },
];

const SECURITY = { none: [], optional: [{}, { session: [] }], needed: [{ session: [] }] };

const json = (type: z.ZodType, io: 'input' | 'output') => {
  const { $schema, ...schema } = z.toJSONSchema(type, { io });
  void $schema;
  return { 'application/json': { schema } };
};

/** By path. `problemResponse` writes a problem as every route has it. */
export function signInPaths(basePath: string, problemResponse: (status: number) => object): Record<string, object> {
  const operation = ({ id, summary, access, session: needs, body, reply, problems }: Route) => ({
    operationId: id,
    [ACCESS_EXTENSION]: access,
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body, 'input') } }),
    responses: {
      200: { description: '', content: json(reply, 'output') },
      ...Object.fromEntries([...problems, 429, 500].map((status) => [status, problemResponse(status)])),
    },
    summary,
    tags: ['Sign-in'],
    security: SECURITY[needs],
  });
  return Object.fromEntries(ROUTES.map((route) => [`${basePath}/${route.path}`, { [route.method]: operation(route) }]));
}
