// The SentinelOne endpoints this product calls, as one table: method, the family whose rate limit they share, and the
// permission that a refusal means. A name is the path below `/web/api/v2.1/`.
import type { PermissionName } from '../domain/connection/permissions.js';

interface EndpointRule {
  readonly method: 'GET' | 'POST';
  readonly family: Family;
  /** Null where SentinelOne lists none: any living token may call it. */
  readonly permission: PermissionName | null;
}

export const ENDPOINTS = {
  activities: { method: 'GET', family: 'activities', permission: 'Activity (View)' },
  'activities/types': { method: 'GET', family: 'activities', permission: 'Activity (View)' },
  sites: { method: 'GET', family: 'sites', permission: 'Sites (View)' },
  accounts: { method: 'GET', family: 'accounts', permission: 'Accounts (View)' },
  agents: { method: 'GET', family: 'agents', permission: 'Endpoints (View)' },
  'agents/count': { method: 'GET', family: 'agents', permission: 'Endpoints (View)' },
  'settings/syslog': { method: 'GET', family: 'settings', permission: 'Console Integrations (View)' },
  'settings/notifications': { method: 'GET', family: 'settings', permission: 'Notification Settings (View)' },
  user: { method: 'GET', family: 'user', permission: 'Users (View)' },
  'users/api-token-details': { method: 'POST', family: 'users', permission: null },
  'rbac/role': { method: 'GET', family: 'rbac', permission: 'Roles (View)' },
  'system/info': { method: 'GET', family: 'system', permission: null },
} as const satisfies Record<string, EndpointRule>;

export type EndpointName = keyof typeof ENDPOINTS;

export type Family = 'activities' | 'sites' | 'accounts' | 'agents' | 'settings' | 'user' | 'users' | 'rbac' | 'system';

/**
 * Requests a second per API token, from SentinelOne's published table (`/activities` there is 10, which is the
 * configurable default and is divided between live polling, backfill and the rest). No line covers `/settings` and
 * `/system/info`; those two are our own, cautious choice: they are called a few times a day.
 */
export const PUBLISHED_REQUESTS_PER_SECOND: Readonly<Record<Exclude<Family, 'activities'>, number>> = {
  sites: 100,
  accounts: 100,
  agents: 25,
  settings: 5,
  user: 2,
  users: 40,
  rbac: 50,
  system: 5,
};

export const DEFAULT_ACTIVITY_REQUESTS_PER_SECOND = 10;

/** What live polling (2/10) and backfill (7/10) leave of the `/activities` pace: completeness counts and checks. */
export const DEFAULT_SHARE = 0.1;
