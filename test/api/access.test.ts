// Every route × every role and the operator × what is one's own, another organization's, another account's, and no
// credentials at all, once straight to PostgreSQL and once through a pooler. The routes come from the running
// application, so a new one cannot be forgotten.
import type { CanActivate, DynamicModule, ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AccessGuard } from '../../src/api/http/access.guard.js';
import type { AuthenticatedRequest, Role } from '../../src/api/http/principal.js';
import { SIGN_IN_PATH } from '../../src/api/sign-in/sign-in.openapi.js';
import { ROLES } from '../../src/domain/roles.js';
import { type Pooler, startPooler } from '../support/pooler.js';
import { ACCESS_TABLE, type AccessRow, type Answer, DOCUMENTATION, type RouteRequest } from './support/access-table.js';
import { furnish, type Premises, type Relation, type Target } from './support/access-target.js';
import {
  type AnyCaller,
  type ApiStage,
  aPrincipal,
  callerHeader,
  headerAuthenticator,
  openApiStage,
  type StageOptions,
} from './support/api-stage.js';
import type { Reply } from './support/http-reply.js';
import { operationsOf } from './support/operations.js';
import { createReplyCheck } from './support/reply-schema.js';

/** The application and what two accounts have in it. */
interface Place {
  readonly stage: ApiStage;
  readonly ours: Premises;
  readonly theirs: Premises;
}

let guarded: Place;
let unguarded: Place;
let faultsOf: ReturnType<typeof createReplyCheck>;

const ROWS = Object.entries(ACCESS_TABLE);
// Row-level security stands alone here: whoever is somebody may call everything. It says nothing of what the operator
// sees.
const OF_ACCOUNTS = ROWS.filter(([, { access }]) => access !== 'public' && access !== 'operator');

let pooler: Pooler;
beforeAll(async () => {
  pooler = await startPooler(new URL(inject('databaseUrl')).host);
});
afterAll(() => pooler.close());

async function openPlace(options: StageOptions): Promise<Place> {
  const stage = await openApiStage(options);
  const { owner } = stage;
  return { stage, ours: await furnish(owner, stage.ours), theirs: await furnish(owner, stage.theirs) };
}

describe.each([
  ['straight', false],
  ['through a pooler', true],
] as const)('%s', (_, isPooled) => {
  beforeAll(async () => {
    const way = isPooled ? { databaseThrough: pooler.address } : {};
    [guarded, unguarded] = await Promise.all([openPlace(way), openPlace({ ...way, change: withoutAccessGuard })]);
    faultsOf = createReplyCheck((await guarded.stage.call('GET /openapi.json')).body);
  });
  afterAll(() => Promise.all([guarded.stage.close(), unguarded.stage.close()]));

  describe('every route', () => {
    test('of the application is in the table, and every row of the table is a route', async () => {
      expect(routesOf(guarded.stage).sort()).toEqual([...ROWS.map(([route]) => route), ...DOCUMENTATION].sort());
    });

    test('says in its code who may call it, as the table says', async () => {
      const { body } = await guarded.stage.call('GET /openapi.json');
      const ours = operationsOf(body).filter(({ path }) => !path.startsWith(SIGN_IN_PATH)); // sign-in.test.ts asks those
      const declared = ours.map(({ route, operation }) => [route, operation['x-access']]);
      expect(Object.fromEntries(declared)).toEqual(
        Object.fromEntries(ROWS.map(([route, { access }]) => [route, access])),
      );
    });
  });

  describe.each(ROWS)('%s', (route, row) => {
    test('without credentials', async () => {
      const answer = row.access === 'public' ? row.seen : { status: 401, code: 'unauthenticated' };
      const { reply } = await ask(guarded, { route, row, target: guarded.ours.own, as: null });
      expectAnswer(reply, answer);
    });

    test('as the operator', async () => {
      const isTheirs = row.access === 'operator' || row.access === 'public';
      const answer = isTheirs ? row.seen : { status: 401, code: 'unauthenticated' };
      const { reply } = await ask(guarded, { route, row, target: guarded.ours.own, as: 'operator' });
      expectAnswer(reply, answer);
      if (!row.isStream) expect(faultsOf(route, reply)).toEqual([]);
    });

    test.each(ROLES)('as %s', async (role) => {
      const as = aPrincipal(guarded.stage.ours, role);
      for (const relation of relationsOf(row)) {
        const { reply, sent } = await ask(guarded, { route, row, target: targetOf(relation, guarded), as });
        expectAnswer(reply, answerFor(row, role, relation), relation);
        if (!row.isStream) expect(faultsOf(route, reply), relation).toEqual([]);
        expectNothingForeign(reply, { sent, role, place: guarded });
      }
    });
  });

  describe.each(OF_ACCOUNTS.filter(([route]) => route.startsWith('GET ')))(
    '%s without its guard shows no foreign row',
    (route, row) => {
      test.each(ROLES)('to %s', async (role) => {
        const as = aPrincipal(unguarded.stage.ours, role);
        for (const relation of relationsOf(row)) {
          const { reply, sent } = await ask(unguarded, { route, row, target: targetOf(relation, unguarded), as });
          expect(reply.status, relation).toBeLessThan(500);
          if (relation === 'foreign account') expectAnswer(reply, row.unseen ?? NOT_FOUND, relation);
          expectNothingForeign(reply, { sent, role, place: unguarded });
        }
      });
    },
  );
});

const NOT_FOUND: Answer = { status: 404, code: 'not_found' };

function answerFor(row: AccessRow, role: Role, relation: Relation): Answer {
  if (row.access === 'operator') return NOT_FOUND;
  if (row.access !== 'public' && !row.access.includes(role)) return { status: 403, code: 'forbidden' };
  const isSeen = relation === 'own' || (relation === 'other organization' && role !== 'org_user');
  return isSeen ? row.seen : (row.unseen ?? NOT_FOUND);
}

const relationsOf = ({ names }: AccessRow): readonly Relation[] => {
  if (names === undefined) return ['own'];
  return names === 'account' ? ['own', 'foreign account'] : ['own', 'other organization', 'foreign account'];
};

function targetOf(relation: Relation, { ours, theirs }: Place): Target {
  if (relation === 'foreign account') return theirs.own;
  return relation === 'own' ? ours.own : ours.otherOrganization;
}

interface Question {
  readonly route: string;
  readonly row: AccessRow;
  readonly target: Target;
  readonly as: AnyCaller;
}

async function ask(
  { stage }: Place,
  { route, row, target, as }: Question,
): Promise<{ readonly reply: Reply; readonly sent: string }> {
  const request: RouteRequest = (await row.request?.(target, stage.owner)) ?? {};
  const { path = {}, query, body } = request;
  const address = route.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name] ?? '');
  const full = query === undefined ? address : `${address}?${query}`;
  const sent = JSON.stringify(request);
  if (row.isStream) return { reply: await beginningOf(`${stage.url}${full.split(' ')[1]}`, as), sent };
  return { reply: await stage.call(full, { as, body }), sent };
}

/** A stream says who may read it with its first line; what it then says has tests of its own. */
async function beginningOf(url: string, as: AnyCaller): Promise<Reply> {
  const abort = new AbortController();
  const response = await fetch(url, { headers: callerHeader(as), signal: abort.signal });
  const { status } = response;
  const text = response.ok ? '' : await response.text();
  abort.abort();
  return { status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}

function expectAnswer(reply: Reply, { status, code }: Answer, about = ''): void {
  expect({ status: reply.status, code: reply.status < 400 ? undefined : reply.body?.code }, about).toEqual({
    status,
    code,
  });
  if (status >= 400) {
    expect(reply.headers.get('content-type'), about).toMatch('application/problem+json');
    expect(reply.body, about).toMatchObject({ status, detail: expect.any(String), requestId: expect.any(String) });
  }
}

/**
 * No id of what the caller may not see. What the caller has named a refusal may repeat, but a success shows it to be
 * there.
 */
function expectNothingForeign(
  { status, text }: Reply,
  { sent, role, place }: { readonly sent: string; readonly role: Role; readonly place: Place },
): void {
  const { ours, theirs } = place;
  const marks = [...theirs.accountMarks, ...(role === 'org_user' ? ours.beyondOrganizationMarks : [])];
  const shown = marks.filter((mark) => text.includes(mark) && (status < 400 || !sent.includes(mark)));
  expect(shown).toEqual([]);
}

/** From Express itself: `GET /v1/organizations/{id}`. */
function routesOf({ app }: ApiStage): string[] {
  interface Layer {
    readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  }
  const { stack } = (app.getHttpAdapter().getInstance() as unknown as { router: { stack: readonly Layer[] } }).router;
  return stack.flatMap(({ route }) =>
    Object.keys(route?.methods ?? {}).map(
      (method) => `${method.toUpperCase()} ${route?.path.replaceAll(/:(\w+)/g, '{$1}')}`,
    ),
  );
}

class OpenDoor implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const principal = await headerAuthenticator.authenticate(request);
    if (principal !== null) request.principal = principal;
    return true;
  }
}

function withoutAccessGuard(module: DynamicModule): DynamicModule {
  const providers = (module.providers ?? []).map((provider) =>
    typeof provider === 'object' && 'useClass' in provider && provider.useClass === AccessGuard
      ? { provide: APP_GUARD, useClass: OpenDoor }
      : provider,
  );
  return { ...module, providers };
}
