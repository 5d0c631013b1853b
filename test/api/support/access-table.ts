// Who may call each route and what they get: the contract that access.test.ts walks. A route that the application has
// and this table has not, or the other way round, fails.
//
// To add a route, add its row: who may call it; what the request names, if anything; and what those get who may.
// Everything else follows: without credentials 401, another role 403, a thing that the caller does not see 404; what is
// the operator's is 404 to every role, and the operator is 401 everywhere else.
import { randomUUID } from 'node:crypto';
import type { Access } from '../../../src/api/http/access.decorator.js';
import { type Role, ROLES } from '../../../src/domain/roles.js';
import type { Database } from '../../../src/store/database.js';
import { anOrganization } from '../../support/builders.js';
import { anApiKey, anInvitation, aUser, type Target } from './access-target.js';

export interface RouteRequest {
  /** For the braces in the route's path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  /** Of the problem, when it is one. */
  readonly code?: string;
}

export interface AccessRow {
  readonly access: Access;
  /** Whose the thing is that the request names; by default it names none. */
  readonly names?: 'account' | 'organization';
  readonly request?: (target: Target, owner: Database) => RouteRequest | Promise<RouteRequest>;
  /** What those get who may and who see the thing. */
  readonly seen: Answer;
  /** What those get who may and who do not see it; by default that there is no such thing. */
  readonly unseen?: Answer;
  /** The reply does not end by itself. */
  readonly isStream?: true;
}

const ADMIN = ['admin'] as const;
const OK = { status: 200 };
const CREATED = { status: 201 };
const DELETED = { status: 204 };
/** The walk runs without Temporal: whoever is let through to a command hears that, and only that. */
const AWAY = { status: 503, code: 'temporal_unavailable' };
const NOT_FOUND = { status: 404, code: 'not_found' };

const ofOrganization = ({ organizationId }: Target) => ({ path: { id: organizationId } });
const ofConnection = ({ connectionId }: Target) => ({ path: { id: connectionId } });
const ofBackfill = ({ connectionId, backfillId }: Target) => ({ path: { id: connectionId, backfillId } });

const command = (body?: unknown): AccessRow => ({
  access: ADMIN,
  names: 'account',
  request: ({ connectionId }) => ({ path: { id: connectionId }, ...(body === undefined ? {} : { body }) }),
  seen: AWAY,
});

const aboutConnection = (...roles: readonly Role[]): AccessRow => ({
  access: roles,
  names: 'account',
  request: ofConnection,
  seen: OK,
});

const BILLING = ['admin', 'finance'] as const;
const OPERATIONS = ['admin', 'security_engineer', 'read_only'] as const;

export const ACCESS_TABLE: Readonly<Record<string, AccessRow>> = {
  'GET /healthz': { access: 'public', seen: OK },
  'GET /readyz': { access: 'public', seen: OK },
  'GET /v1/sign-in-methods': { access: 'public', seen: OK },
  'GET /v1/me': { access: ROLES, seen: OK },

  'GET /v1/account': { access: ADMIN, seen: OK },
  'PATCH /v1/account': { access: ADMIN, request: () => ({ body: { name: 'Acme' } }), seen: OK },
  'GET /v1/audit-log': { access: ADMIN, seen: OK },

  'GET /v1/organizations': { access: ROLES, seen: OK },
  'GET /v1/organizations/{id}': { access: ROLES, names: 'organization', request: ofOrganization, seen: OK },
  'POST /v1/organizations': { access: ADMIN, request: () => ({ body: { name: randomUUID() } }), seen: CREATED },
  'PATCH /v1/organizations/{id}': {
    access: ADMIN,
    names: 'organization',
    request: ({ organizationId }) => ({ path: { id: organizationId }, body: { name: randomUUID() } }),
    seen: OK,
  },
  'DELETE /v1/organizations/{id}': {
    access: ADMIN,
    names: 'account',
    request: async (target, owner) => ({ path: { id: await anOrganization(owner, target) } }),
    seen: DELETED,
  },
  'POST /v1/organizations/import': {
    access: ADMIN,
    request: () => ({ query: 'dryRun=false', body: `name,externalKey\n${randomUUID()},\n` }),
    seen: OK,
  },

  'GET /v1/api-keys': { access: ADMIN, seen: OK },
  'POST /v1/api-keys': {
    access: ADMIN,
    names: 'organization',
    request: ({ organizationId }) => ({
      body: { name: 'Key', role: 'org_user', organizationIds: [organizationId] },
    }),
    seen: CREATED,
    unseen: { status: 422, code: 'invalid_input' },
  },
  'DELETE /v1/api-keys/{id}': {
    access: ADMIN,
    names: 'account',
    request: async ({ accountId }, owner) => ({ path: { id: await anApiKey(owner, accountId) } }),
    seen: DELETED,
  },

  'GET /v1/users': { access: ADMIN, seen: OK },
  'PATCH /v1/users/{id}': {
    access: ADMIN,
    names: 'account',
    request: ({ userId }) => ({ path: { id: userId }, body: { role: 'finance' } }),
    seen: OK,
  },
  'DELETE /v1/users/{id}': {
    access: ADMIN,
    names: 'account',
    request: async ({ accountId }, owner) => ({ path: { id: await aUser(owner, accountId) } }),
    seen: DELETED,
  },

  'GET /v1/invitations': { access: ADMIN, seen: OK },
  'POST /v1/invitations': {
    access: ADMIN,
    names: 'organization',
    request: ({ organizationId }) => ({
      body: { email: `${randomUUID()}@example.com`, role: 'org_user', organizationIds: [organizationId] },
    }),
    seen: CREATED,
    unseen: { status: 422, code: 'invalid_input' },
  },
  'DELETE /v1/invitations/{id}': {
    access: ADMIN,
    names: 'account',
    request: async ({ accountId }, owner) => ({ path: { id: await anInvitation(owner, accountId) } }),
    seen: DELETED,
  },
  'POST /v1/invitations/{token}/accept': {
    access: 'public',
    request: () => ({ path: { token: 'made-up' }, body: { name: 'Ann', password: 'correct horse battery' } }),
    seen: NOT_FOUND,
  },

  'GET /v1/connections': { access: OPERATIONS, seen: OK },
  'POST /v1/connections': {
    access: ADMIN,
    request: ({ organizationId }) => ({
      body: {
        name: 'New',
        consoleUrl: 'https://new.sentinelone.net',
        apiToken: 'x'.repeat(80),
        defaultOrganizationId: organizationId,
      },
    }),
    seen: { status: 422, code: 's1.address_refused' },
  },
  'GET /v1/connections/{id}': aboutConnection(...OPERATIONS),
  'PATCH /v1/connections/{id}': command({ name: 'Renamed', pollIntervalSeconds: 60 }),
  'DELETE /v1/connections/{id}': command(),
  'GET /v1/connections/{id}/permissions': aboutConnection('admin', 'security_engineer'),
  'GET /v1/connections/{id}/timeline': aboutConnection('admin', 'security_engineer'),
  'GET /v1/connections/{id}/completeness': aboutConnection('admin', 'security_engineer'),
  'GET /v1/connections/{id}/sites': aboutConnection('admin', 'finance'),
  'PUT /v1/connections/{id}/mapping': {
    access: ADMIN,
    names: 'account',
    request: ({ connectionId, siteId, organizationId }) => ({
      path: { id: connectionId },
      body: { version: 2, changes: [{ siteId, organizationId }] },
    }),
    seen: AWAY,
  },
  'POST /v1/connections/{id}/token': command({ apiToken: 'x'.repeat(80) }),
  'POST /v1/connections/{id}/pause': command(),
  'POST /v1/connections/{id}/resume': command(),
  'POST /v1/connections/{id}/recheck': command(),
  'POST /v1/connections/{id}/sync-sites': command(),
  'GET /v1/connections/{id}/backfills': aboutConnection('admin'),
  'POST /v1/connections/{id}/backfills': command({ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }),
  'GET /v1/connections/{id}/backfills/{backfillId}': {
    access: ADMIN,
    names: 'account',
    request: ofBackfill,
    seen: OK,
  },
  'POST /v1/connections/{id}/backfills/{backfillId}/pause': {
    access: ADMIN,
    names: 'account',
    request: ofBackfill,
    seen: OK,
  },
  'POST /v1/connections/{id}/backfills/{backfillId}/resume': {
    access: ADMIN,
    names: 'account',
    request: ofBackfill,
    seen: OK,
  },
  'POST /v1/connections/{id}/backfills/{backfillId}/cancel': {
    access: ADMIN,
    names: 'account',
    request: ofBackfill,
    seen: OK,
  },

  'GET /v1/log-sources': { access: ROLES, seen: OK },
  'GET /v1/notices': { access: ROLES, seen: OK },
  'GET /v1/changes': { access: ROLES, seen: OK, isStream: true },

  'GET /v1/license-counts': { access: BILLING, seen: OK },
  'GET /v1/statements': { access: BILLING, seen: OK },
  'GET /v1/statements/{month}': { access: BILLING, request: () => ({ path: { month: thisMonth() } }), seen: OK },
  'GET /v1/statements/{month}.csv': { access: BILLING, request: () => ({ path: { month: thisMonth() } }), seen: OK },

  'POST /v1/operator/connections/repair': { access: 'operator', seen: AWAY },
  'POST /v1/operator/connections/{id}/repair': { access: 'operator', request: ofConnection, seen: AWAY },
  'GET /v1/operator/statements/{month}': {
    access: 'operator',
    request: () => ({ path: { month: thisMonth() } }),
    seen: OK,
  },
  'GET /v1/operator/statements/{month}.csv': {
    access: 'operator',
    request: () => ({ path: { month: thisMonth() } }),
    seen: OK,
  },
};

const thisMonth = () => new Date().toISOString().slice(0, 7);

/** Served beside the API, to everybody: the document, the page that shows it, and the pages that errors point to. */
export const DOCUMENTATION = [
  'GET /help/setup-sentinelone',
  'GET /docs/problems',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/',
  'GET /docs/index.html',
  'GET /docs/LICENSE',
  'GET /docs/swagger-ui-init.js',
  'GET /docs/docs/swagger-ui-init.js',
];
