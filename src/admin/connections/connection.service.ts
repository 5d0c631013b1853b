// Everything an account's people do with a connection. State changes go through the workflow, which is its single writer;
// what is shown is read from PostgreSQL.
import { randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { parseConsoleAddress, type AllowedOrigin } from '../../domain/console-address.js';
import type { ConnectionState } from '../../domain/connection.js';
import { creationError, isCreationFailure } from '../../domain/creation-errors.js';
import { DEFAULT_INTERVALS, type Intervals } from '../../domain/chores.js';
import { isFailureCode } from '../../domain/failures.js';
import { parseInstant, toInstant } from '../../domain/instant.js';
import { Problem } from '../../domain/problem.js';
import { lastFour, parseApiToken, type Secret } from '../../domain/secret.js';
import { isUuid } from '../../domain/uuid.js';
import {
  findConnection,
  insertConnection,
  listConnections,
  type ConnectionRow,
} from '../../store/connection.repository.js';
import { findExpiryOfCurrent, insertPendingCredential } from '../../store/credential.repository.js';
import type { Database } from '../../store/database.js';
import { lockLivingOrganizations } from '../../store/organization.repository.js';
import { listSites, type SiteView } from '../../store/site.repository.js';
import { withTenant, type Tenant } from '../../store/tenant.js';
import type { TokenCipher } from '../../store/token-cipher.js';
import type { CommandResult, ConnectionCommands } from '../../temporal/connection-commands.js';
import * as messages from '../../../workflows/connection.messages.js';

export interface ConnectionServiceDeps {
  /** Under the api's role, bound by row-level security. */
  readonly database: Database;
  readonly commands: ConnectionCommands;
  readonly cipher: TokenCipher;
  readonly allowedOrigins: readonly AllowedOrigin[];
  readonly eventRetentionDays: number;
  /** For new connections; tests and the demonstration shorten them. */
  readonly intervals?: Partial<Intervals>;
}

export interface CreateConnection {
  readonly name: string;
  /** Whatever a person pasted; it is reduced to its origin. */
  readonly consoleUrl: string;
  readonly apiToken: string;
  readonly defaultOrganizationId: string;
  /** ISO 8601; by default the console's time at creation. */
  readonly collectFrom?: string;
  readonly idempotencyKey?: string;
}

/** `accepted`: validation is not over within ten seconds; the connection's state will tell. */
export interface CreatedConnection {
  readonly connectionId: string;
  readonly verdict: 'connected' | 'accepted';
}

export interface SitesView {
  readonly version: number;
  readonly items: readonly SiteView[];
}

export interface SaveMapping {
  readonly version: number;
  readonly changes: readonly { readonly siteId: string; readonly organizationId: string | null }[];
  readonly collectDiscarded?: boolean;
}

export type ConnectionService = ReturnType<typeof createConnectionService>;

const ENDED: readonly ConnectionState[] = ['refused', 'disconnecting', 'disconnected'];
const DAY_MICROS = 24 * 3600 * 1_000_000;

export function createConnectionService(deps: ConnectionServiceDeps) {
  const { database, commands } = deps;
  const intervals: Intervals = { ...DEFAULT_INTERVALS, ...deps.intervals };
  /** Looks first: without a workflow Temporal could not tell a connection that has ended from one that never was theirs. */
  const send: ConnectionCommands['send'] = async (ref, ...command) => {
    await withTenant(database, ref.accountId, 'all', (tenant) => requireConnection(tenant, ref.connectionId));
    return commands.send(ref, ...command);
  };
  return {
    /** Throws a Problem with the guide's exact sentence when SentinelOne, or what was typed, refuses. */
    async create(accountId: string, request: CreateConnection): Promise<CreatedConnection> {
      const { origin, token, collectFrom } = readRequest(deps, request);
      const connectionId =
        request.idempotencyKey === undefined ? randomUUID() : uuidv5(request.idempotencyKey, accountId);
      await insertRows(deps, { accountId, connectionId, origin, token, collectFrom, request, intervals });
      try {
        const answer = await commands.create({ accountId, connectionId, console: origin, settings: intervals });
        return { connectionId, verdict: answer.done ? 'connected' : 'accepted' };
      } catch (error) {
        throw await refusalOf(error, { database, accountId, connectionId });
      }
    },

    list: (accountId: string): Promise<ConnectionRow[]> => withTenant(database, accountId, 'all', listConnections),

    find: (accountId: string, connectionId: string): Promise<ConnectionRow> =>
      withTenant(database, accountId, 'all', (tenant) => requireConnection(tenant, connectionId)),

    sites: (accountId: string, connectionId: string): Promise<SitesView> =>
      withTenant(database, accountId, 'all', async (tenant) => {
        const connection = await requireConnection(tenant, connectionId);
        return { version: connection.mappingVersion, items: await listSites(tenant, connectionId) };
      }),

    /** All of the changes or none. Throws `mapping_conflict` when `version` is old. */
    saveMapping(accountId: string, connectionId: string, mapping: SaveMapping, updateId?: string) {
      const { version, changes, collectDiscarded = false } = mapping;
      const args = { version, changes, collectDiscarded };
      return send({ accountId, connectionId }, messages.remapSites, args, updateId);
    },

    /** The old token stays until the new one has been tried. */
    async replaceToken(
      accountId: string,
      connectionId: string,
      apiToken: string,
    ): Promise<CommandResult<messages.RotateTokenResult>> {
      const token = readToken(apiToken);
      const credentialId = randomUUID();
      const tokenJwe = await deps.cipher.encrypt(token, { accountId, connectionId });
      await withTenant(database, accountId, 'all', async (tenant) => {
        const { state } = await requireConnection(tenant, connectionId);
        // The workflow would refuse it as well, and the token would have been kept for nothing.
        if (ENDED.includes(state)) throw new Problem('illegal_state', 'the connection has ended');
        await insertPendingCredential(tenant, { id: credentialId, connectionId, tokenJwe, lastFour: lastFour(token) });
      });
      return commands.send(
        { accountId, connectionId },
        messages.rotateToken,
        { credentialId },
        `token:${credentialId}`,
      );
    },

    pause: (accountId: string, connectionId: string) => send({ accountId, connectionId }, messages.pause, {}),
    resume: (accountId: string, connectionId: string) => send({ accountId, connectionId }, messages.resume, {}),
    recheck: (accountId: string, connectionId: string) => send({ accountId, connectionId }, messages.recheck, {}),
    syncSites: (accountId: string, connectionId: string) => send({ accountId, connectionId }, messages.syncSites, {}),
    changeSettings: (accountId: string, connectionId: string, settings: messages.ChangedSettings) =>
      send({ accountId, connectionId }, messages.changeSettings, settings),
    disconnect: (accountId: string, connectionId: string) => send({ accountId, connectionId }, messages.disconnect, {}),
  };
}

async function requireConnection(tenant: Tenant, connectionId: string): Promise<ConnectionRow> {
  const connection = isUuid(connectionId) ? await findConnection(tenant, connectionId) : undefined;
  if (connection === undefined) throw new Problem('not_found', 'no such connection');
  return connection;
}

function readRequest(deps: ConnectionServiceDeps, request: CreateConnection) {
  if (request.name.trim() === '') throw new Problem('invalid_input', 'name: must not be empty');
  const address = parseConsoleAddress(request.consoleUrl, deps.allowedOrigins);
  if (!address.ok) throw refusal('s1.address_refused');
  const token = readToken(request.apiToken);
  return { origin: address.origin, token, collectFrom: readCollectFrom(deps, request.collectFrom) };
}

function readToken(apiToken: string): Secret {
  const parsed = parseApiToken(apiToken);
  if (!parsed.ok) throw refusal('s1.token_rejected', { field: 'apiToken', problem: parsed.problem });
  return parsed.token;
}

function readCollectFrom(deps: ConnectionServiceDeps, collectFrom: string | undefined): string | null {
  if (collectFrom === undefined) return null;
  const micros = parseInstant(collectFrom);
  if (micros === null) {
    throw new Problem('invalid_input', 'collectFrom: must be an instant such as 2026-01-15T09:00:00Z');
  }
  const nowMicros = Date.now() * 1000;
  if (micros > nowMicros) throw new Problem('invalid_input', 'collectFrom: must not be in the future');
  if (micros < nowMicros - deps.eventRetentionDays * DAY_MICROS) {
    const days = deps.eventRetentionDays;
    throw new Problem('collect_from_too_old', `collectFrom: events are kept for ${days} days; choose a later instant`);
  }
  return toInstant(micros);
}

async function insertRows(
  deps: ConnectionServiceDeps,
  row: {
    readonly accountId: string;
    readonly connectionId: string;
    readonly origin: string;
    readonly token: Secret;
    readonly collectFrom: string | null;
    readonly request: CreateConnection;
    readonly intervals: Intervals;
  },
): Promise<void> {
  const { accountId, connectionId, origin, token, collectFrom, request, intervals } = row;
  const credentialId = uuidv5('first credential', connectionId);
  const tokenJwe = await deps.cipher.encrypt(token, { accountId, connectionId });
  const { defaultOrganizationId } = request;
  await withTenant(deps.database, accountId, 'all', async (tenant) => {
    const isLiving =
      isUuid(defaultOrganizationId) && (await lockLivingOrganizations(tenant, [defaultOrganizationId])).length === 0;
    if (!isLiving) {
      throw new Problem('mapping_unknown_organization', 'defaultOrganizationId: no such organization');
    }
    const isNew = await insertConnection(tenant, {
      id: connectionId,
      name: request.name.trim(),
      consoleUrl: origin,
      defaultOrganizationId,
      collectFrom,
      pollIntervalSeconds: Math.max(1, Math.round(intervals.pollIntervalMs / 1000)),
      credentialId,
    });
    if (!isNew) return;
    await insertPendingCredential(tenant, { id: credentialId, connectionId, tokenJwe, lastFour: lastFour(token) });
  });
}

/** The guide's sentence for a refusal; the checklist where it matters. */
async function refusalOf(
  error: unknown,
  of: { readonly database: Database; readonly accountId: string; readonly connectionId: string },
): Promise<unknown> {
  if (!(error instanceof Problem) || !isFailureCode(error.code) || !isCreationFailure(error.code)) return error;
  const { database, accountId, connectionId } = of;
  const { permissions, expiresAt } = await withTenant(database, accountId, 'all', async (tenant) => ({
    permissions: (await findConnection(tenant, connectionId))?.permissions ?? null,
    expiresAt: await findExpiryOfCurrent(tenant, connectionId),
  }));
  return refusal(error.code, { permissions }, expiresAt);
}

function refusal(
  code: Parameters<typeof creationError>[0],
  extra: Readonly<Record<string, unknown>> = {},
  expiresAt: string | null = null,
): Problem {
  const { message, whatToDo, helpAnchor } = creationError(code, expiresAt);
  return new Problem(code, message, { extra: { whatToDo, helpAnchor, ...extra } });
}
