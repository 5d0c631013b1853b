// Who a token is, until when it lives, and what its role allows: `/user`, `api-token-details` and `/rbac/role/{id}`.
import type { JsonObject } from '../http/json.js';
import { bool, ids, readQuery } from '../http/query.js';
import { badRequest, data, notFound, notPermitted } from '../http/reply.js';
import type { ConsoleState } from '../state.js';
import { writeInstant, writeSeconds } from '../world/instants.js';
import type { ApiToken, Permission, TokenUser } from '../world/tokens.js';
import { nameOf } from '../world/world.js';
import { type Endpoints, isGranted } from './endpoint.js';

const details = (token: ApiToken): JsonObject => ({
  createdAt: writeSeconds(token.createdAtMicros),
  expiresAt: writeSeconds(token.expiresAtMicros),
});

const ROLE_NAME = 'SIEM Integration';

function scopeRoles({ world }: ConsoleState, user: TokenUser): readonly JsonObject[] {
  return user.scopeIds.map((id) => {
    const site = world.site(id);
    const account = site?.account ?? world.account(id);
    return {
      id,
      name: (site === undefined ? account?.name : nameOf(site)) ?? null,
      accountName: account?.name ?? null,
      roleId: user.roleId,
      roleName: ROLE_NAME,
      roles: [ROLE_NAME],
    };
  });
}

function userJson(console: ConsoleState, token: ApiToken): JsonObject {
  const { user } = token;
  const joinedAt = writeInstant(token.createdAtMicros);
  const roles = scopeRoles(console, user);
  return {
    id: user.id,
    email: `${user.label}@service.example`,
    fullName: user.label,
    source: 'mgmt',
    scope: user.scope,
    scopeRoles: user.scope === 'tenant' ? [] : roles,
    siteRoles: user.scope === 'site' ? roles : [],
    tenantRoles: user.scope === 'tenant' ? [ROLE_NAME] : [],
    lowestRole: ROLE_NAME,
    apiToken: details(token),
    canGenerateApiToken: true,
    isSystem: false,
    twoFaEnabled: false,
    firstLogin: null,
    lastLogin: null,
    dateJoined: joinedAt,
  };
}

const TITLES: Readonly<Record<string, string>> = { view: 'View', edit: 'Edit', create: 'Create' };

function pagesOf(console: ConsoleState, user: TokenUser): readonly JsonObject[] {
  const names: Readonly<Record<string, string>> = {
    'Activity Page': 'Activity',
    Integrations: console.pageNames.integrations,
    Notifications: console.pageNames.notifications,
  };
  const pages = Map.groupBy(user.granted.keys(), (permission) => permission.split('.')[0] ?? '');
  return [...pages].flatMap(([page, permissions]) => {
    const listed = permissions.filter((permission) => !user.unlisted.has(permission));
    const name = names[page] ?? page;
    if (listed.length === 0) return [];
    return [
      {
        name,
        identifier: name.toUpperCase().replaceAll(' ', '_'),
        permissions: listed.map((p) => permissionJson(user, p)),
      },
    ];
  });
}

const permissionJson = (user: TokenUser, permission: Permission): JsonObject => {
  const [page = '', effect = ''] = permission.split('.');
  return {
    identifier: `${page.toLowerCase().replaceAll(' ', '_')}_${effect}`,
    title: TITLES[effect] ?? effect,
    value: user.granted.get(permission) ?? false,
    description: '',
    additionalDescription: null,
    type: 'regular',
    dependsOn: [],
    groupName: null,
    disabledReason: null,
    disabledReasonCode: null,
  };
};

function readTokenBody(body: string): string {
  const parsed = parse(body);
  const inner = typeof parsed === 'object' && parsed !== null && 'data' in parsed ? parsed.data : null;
  if (typeof inner === 'object' && inner !== null && 'apiToken' in inner && typeof inner.apiToken === 'string') {
    return inner.apiToken;
  }
  throw badRequest('data: apiToken: Missing data for required field.');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('Invalid JSON in the request body.');
  }
}

export const usersEndpoints: Endpoints = (console) => [
  {
    method: 'GET',
    path: /^\/user$/,
    permission: 'Users.view',
    answer: ({ search, token }) => {
      readQuery(search, { accountIds: ids, siteIds: ids, groupIds: ids, tenant: bool });
      return data(userJson(console, token));
    },
  },
  {
    method: 'POST',
    path: /^\/users\/api-token-details$/,
    answer: ({ body }) => {
      const asked = console.tokens.byText(readTokenBody(body));
      // Only 200 and 400 are documented here, so an unknown or revoked token is taken to be a 400.
      if (asked === undefined || asked.isRevoked) throw badRequest('apiToken: Invalid token.');
      return data(details(asked));
    },
  },
  {
    method: 'GET',
    path: /^\/users\/(\d+)\/api-token-details$/,
    answer: ({ captures, token }) => {
      const userId = captures[0] ?? '';
      if (userId !== token.user.id && !isGranted(token, 'Users.view')) throw notPermitted();
      const current = console.tokens.currentOf(userId);
      if (current === undefined) throw notFound();
      return data(details(current));
    },
  },
  {
    method: 'GET',
    path: /^\/rbac\/role\/(\d+)$/,
    permission: 'Roles.view',
    answer: ({ captures }) => {
      const owner = console.tokens.all().find((token) => token.user.roleId === captures[0])?.user;
      if (owner === undefined) throw notFound();
      const scope = owner.scope;
      return data({
        id: owner.roleId,
        name: ROLE_NAME,
        description: 'Viewer with the permissions of the integration',
        predefinedRole: false,
        scope: `${scope.charAt(0).toUpperCase()}${scope.slice(1)}`,
        scopeId: owner.scopeIds[0] ?? null,
        usersInRoles: 1,
        pages: pagesOf(console, owner),
      });
    },
  },
];
