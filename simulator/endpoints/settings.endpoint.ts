// `GET /settings/syslog` and `GET /settings/notifications`. Both need a scope in the query: without one a real console
// answers 401 to a token that is alive, and so does this one.
import type { Json, JsonObject } from '../http/json.js';
import { ids, readQuery } from '../http/query.js';
import { data, notFound, notPermitted, outOfScope, settingsWithoutScope } from '../http/reply.js';
import type { ConsoleState } from '../state.js';
import { writeInstant } from '../world/instants.js';
import type { Permission } from '../world/tokens.js';
import { type ApiRequest, type Endpoint, type Endpoints, isGranted, seesAccount, seesSite } from './endpoint.js';

const CATEGORIES = [
  'administrative',
  'operations',
  'malware',
  'mitigation',
  'whitelistblacklist',
  'threatmanagement',
  'devicecontrol',
  'firewallcontrol',
  'remoteshell',
  'locations',
  'ranger',
  'customrules',
  'endpointtagging',
  'activedirectory',
] as const;

/** The ids of the accounts and sites that the request asks about, once it may. */
function scopesOf(console: ConsoleState, request: ApiRequest, permission: Permission): readonly string[] {
  const { world } = console;
  const { token } = request;
  const query = readQuery(request.search, { accountIds: ids, siteIds: ids });
  const accountIds = query.accountIds ?? [];
  const siteIds = query.siteIds ?? [];
  if (accountIds.length + siteIds.length === 0) throw settingsWithoutScope();
  if (!isGranted(token, permission)) throw notPermitted();
  const accounts = accountIds.map((id) => world.account(id));
  const sites = siteIds.map((id) => world.site(id));
  if (accounts.includes(undefined) || sites.includes(undefined)) throw notFound('Scope does not exist');
  const allowed =
    accounts.every((account) => account !== undefined && seesAccount(token, account)) &&
    sites.every((site) => site !== undefined && seesSite(token, site));
  if (!allowed) throw outOfScope();
  return [...accountIds, ...siteIds];
}

const syslogJson = (isTaken: boolean): JsonObject => ({
  enabled: isTaken,
  host: isTaken ? 'collector.other-siem.example' : null,
  port: isTaken ? 6514 : null,
  ssl: isTaken,
  format: isTaken ? 'cef2' : null,
  token: null,
  serverCertName: null,
  serverCertContent: null,
  clientCertName: null,
  clientCertContent: null,
  clientKeyName: null,
  clientKeyContent: null,
});

function notificationsJson(console: ConsoleState, isTaken: boolean): JsonObject {
  const channel = { email: false, syslog: isTaken, sms: false };
  const categories: [string, Json][] = CATEGORIES.map((name, n) => [
    name,
    { name, id: String(n + 1), [`${name}_default`]: channel },
  ]);
  const notConfigured = 'This channel is not configured.';
  return {
    // A text that is not empty means that the channel is *not* configured.
    configurations: { email: '', sms: notConfigured, syslog: isTaken ? '' : notConfigured },
    lastModified: { updatedAt: writeInstant(console.world.sites[0]?.createdAtMicros ?? 0), updatedBy: 'Jo Ferris' },
    notifications: Object.fromEntries(categories),
  };
}

const setting = (
  console: ConsoleState,
  of: { readonly path: RegExp; readonly permission: Permission; readonly value: (isTaken: boolean) => Json },
): Endpoint => ({
  method: 'GET',
  path: of.path,
  answer: (request) => {
    const scopes = scopesOf(console, request, of.permission);
    return data(of.value(scopes.some((id) => console.syslogTaken.has(id))));
  },
});

export const settingsEndpoints: Endpoints = (console) => [
  setting(console, { path: /^\/settings\/syslog$/, permission: 'Integrations.view', value: syslogJson }),
  setting(console, {
    path: /^\/settings\/notifications$/,
    permission: 'Notifications.view',
    value: (isTaken) => notificationsJson(console, isTaken),
  }),
];
