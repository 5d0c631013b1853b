// What people do with connections over HTTP: the connection service's commands, each with its entry in the audit log and the
// connection as it is afterwards. A command is the workflow's to carry out, so its entry is written when it has been accepted;
// one that is sent again is carried out once, and so has one entry.
import type { AuditEntry } from '../../domain/audit.js';
import { Problem } from '../../domain/failures/problem.js';
import { lastFour, parseApiToken } from '../../domain/secret.js';
import { isUuid } from '../../domain/uuid.js';
import { renameConnection } from '../../store/connections/connection.repository.js';
import { listChecks, listTimeline } from '../../store/connections/connection-record.repository.js';
import {
  type ConnectionViewRow,
  findConnectionView,
  listConnectionViews,
} from '../../store/connections/connection-view.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import type { CommandResult } from '../../temporal/connection-commands.js';
import { record } from '../audit/audit.service.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import type { Actor, Doer, Scope } from '../http/request-facts.js';
import type { ChangeConnectionBody, ConnectionView, CreateConnectionBody } from './connection.dto.js';
import type { ConnectionService, ConnectionServiceDeps } from './connection.service.js';
import { connectionView } from './connection-view.js';

/** 202: accepted, and not done within ten seconds; the connection tells what becomes of it. */
export interface Answer<Body> {
  readonly status: 200 | 201 | 202;
  readonly body: Body;
}

export type ConnectionDesk = ReturnType<typeof createConnectionDesk>;

export type PlainCommand = 'pause' | 'resume' | 'recheck' | 'syncSites';

const DONE: Readonly<Record<PlainCommand, string>> = {
  pause: 'connection.paused',
  resume: 'connection.resumed',
  recheck: 'connection.rechecked',
  syncSites: 'connection.sites_synced',
};

export function createConnectionDesk({
  database,
  connections,
}: Pick<ConnectionServiceDeps, 'database'> & { readonly connections: ConnectionService }) {
  const inScope = <T>({ accountId, organizationIds }: Scope, fn: (tenant: Tenant) => Promise<T>): Promise<T> =>
    withTenant(database, accountId, organizationIds, fn);

  const find = (scope: Scope, id: string): Promise<ConnectionView> =>
    inScope(scope, async (tenant) => connectionView(await required(tenant, id)));

  /** Notes what was done and shows the connection as it is now. */
  const noted = (
    actor: Doer,
    id: string,
    entry: Omit<AuditEntry, 'subject'>,
    also: (tenant: Tenant) => Promise<void> = () => Promise.resolve(),
  ) =>
    inScope(actor.principal, async (tenant) => {
      await also(tenant);
      await record(tenant, actor, { ...entry, subject: { type: 'connection', id } });
      return connectionView(await required(tenant, id));
    });

  const answer = async <T>(
    result: CommandResult<T>,
    body: Promise<ConnectionView>,
  ): Promise<Answer<ConnectionView>> => ({ status: result.done ? 200 : 202, body: await body });

  return {
    find,

    list: (scope: Scope, { pageToken, limit }: PageQuery) =>
      inScope(scope, async (tenant) => {
        const key = decodePageToken(pageToken, ['instant', 'uuid']);
        const after = key === null ? null : { createdAt: key[0] ?? '', id: key[1] ?? '' };
        const rows = await listConnectionViews(tenant, { after, limit: limit + 1 });
        return pageOf(rows.map(connectionView), limit, ({ createdAt, id }) => [createdAt, id]);
      }),

    async create(actor: Actor, body: CreateConnectionBody, key?: string): Promise<Answer<ConnectionView>> {
      const { collectFrom, ...rest } = body;
      const { connectionId, verdict } = await connections.create(actor.principal.accountId, {
        ...rest,
        ...(collectFrom === undefined ? {} : { collectFrom }),
        ...(key === undefined ? {} : { idempotencyKey: key }),
      });
      const { name, defaultOrganizationId } = body;
      const view = await inScope(actor.principal, async (tenant) => {
        const made = connectionView(await required(tenant, connectionId));
        const { consoleUrl } = made;
        const token = { lastFour: shownOf(body.apiToken) };
        await record(tenant, actor, {
          action: 'connection.created',
          subject: { type: 'connection', id: connectionId },
          after: { name, consoleUrl, token, defaultOrganizationId, collectFrom: collectFrom ?? null },
          commandId: `create:${connectionId}`,
        });
        return made;
      });
      return { status: verdict === 'connected' ? 201 : 202, body: view };
    },

    async change(actor: Actor, id: string, body: ChangeConnectionBody): Promise<Answer<ConnectionView>> {
      const { name, pollIntervalSeconds, defaultOrganizationId } = body;
      const before = await find(actor.principal, id);
      const changed = Object.fromEntries(
        Object.entries(body).filter((field): field is [string, string | number] => field[1] !== undefined),
      );
      if (Object.keys(changed).length === 0) return { status: 200, body: before };
      const old = Object.fromEntries(
        Object.keys(changed).map((field) => [field, before[field as keyof typeof body] ?? null]),
      );
      const settings = {
        ...(pollIntervalSeconds === undefined ? {} : { pollIntervalMs: pollIntervalSeconds * 1000 }),
        ...(defaultOrganizationId === undefined ? {} : { defaultOrganizationId }),
      };
      // The workflow's part first: when it refuses, nothing has changed.
      const done =
        Object.keys(settings).length === 0 ||
        (await connections.changeSettings(actor.principal.accountId, id, settings)).done;
      const view = await noted(actor, id, { action: 'connection.changed', before: old, after: changed }, (tenant) =>
        name === undefined ? Promise.resolve() : renameConnection(tenant, id, name),
      );
      return { status: done ? 200 : 202, body: view };
    },

    async command(actor: Doer, id: string, command: PlainCommand, key?: string): Promise<Answer<ConnectionView>> {
      const updateId = key === undefined ? undefined : `${command}:${id}:${key}`;
      const result = await connections[command](actor.principal.accountId, id, updateId);
      return answer(result, noted(actor, id, { action: DONE[command], after: {}, commandId: updateId }));
    },

    async replaceToken(actor: Actor, id: string, apiToken: string, key?: string): Promise<Answer<ConnectionView>> {
      const before = await find(actor.principal, id);
      const result = await connections.replaceToken(actor.principal.accountId, id, apiToken, key);
      const entry = {
        action: 'connection.token_replaced',
        before: { lastFour: before.token?.lastFour ?? null },
        after: { lastFour: shownOf(apiToken), done: result.done },
        commandId: key === undefined ? undefined : `token:${id}:${key}`,
      };
      return answer(result, noted(actor, id, entry));
    },

    async disconnect(actor: Actor, id: string): Promise<ConnectionView> {
      await connections.disconnect(actor.principal.accountId, id);
      return noted(actor, id, { action: 'connection.disconnected', commandId: `disconnect:${id}` });
    },

    permissions: (scope: Scope, id: string) =>
      inScope(scope, async (tenant) => {
        const { permissions } = await required(tenant, id);
        return { items: permissions ?? [], nextPageToken: null };
      }),

    /** Newest first. */
    timeline: (scope: Scope, id: string, { pageToken, limit }: PageQuery) =>
      inScope(scope, async (tenant) => {
        await required(tenant, id);
        const before = decodePageToken(pageToken, ['integer'])?.[0] ?? null;
        const rows = await listTimeline(tenant, id, { before, limit: limit + 1 });
        const items = rows.map(({ id: entry, at, kind, outcome, code, details }) => ({
          ...{ id: String(entry), at, kind, outcome, code, details },
        }));
        return pageOf(items, limit, (entry) => [entry.id]);
      }),

    /** Newest window first. */
    completeness: (scope: Scope, id: string, { pageToken, limit }: PageQuery) =>
      inScope(scope, async (tenant) => {
        await required(tenant, id);
        const before = decodePageToken(pageToken, ['instant'])?.[0] ?? null;
        const rows = await listChecks(tenant, id, { before, limit: limit + 1 });
        const items = rows.map(({ fromAt, toAt, theirs, ours, repaired, state, cause, checkedAt }) => ({
          ...{ from: fromAt, to: toAt, theirs, ours, repaired, state, cause, checkedAt },
        }));
        return pageOf(items, limit, ({ from }) => [from]);
      }),
  };
}

/** As much of a token as the audit log may hold. */
function shownOf(apiToken: string): string | null {
  const parsed = parseApiToken(apiToken);
  return parsed.ok ? lastFour(parsed.token) : null;
}

async function required(tenant: Tenant, id: string): Promise<ConnectionViewRow> {
  const row = isUuid(id) ? await findConnectionView(tenant, id) : undefined;
  if (row === undefined) throw new Problem('not_found', 'no such connection');
  return row;
}
