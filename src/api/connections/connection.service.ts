// Everything an account's people do with a connection. State changes go through the workflow, which is its single writer;
// what is shown is read from PostgreSQL.
import { randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import * as messages from '../../../workflows/connection/messages.js';
import { DEFAULT_INTERVALS, type Intervals } from '../../domain/connection/chores.js';
import { ENDED } from '../../domain/connection/connection-state.js';
import { isTokenFailure } from '../../domain/failures/creation-errors.js';
import { Problem } from '../../domain/failures/problem.js';
import { lastFour, parseApiToken, type Secret } from '../../domain/secret.js';
import { isUuid } from '../../domain/uuid.js';
import { type ConnectionRow, findConnection, listConnections } from '../../store/connections/connection.repository.js';
import { findRefusedPermissions, insertPendingCredential } from '../../store/connections/credential.repository.js';
import { listSites, type SiteView } from '../../store/connections/site.repository.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import type { CommandResult, ConnectionCommands } from '../../temporal/connection-commands.js';
import { createOnce } from '../http/idempotency.js';
import {
  type ConnectionServiceDeps,
  type CreateConnection,
  createConnection,
  type CreatedConnection,
} from './create-connection.js';
import { tokenRefusal } from './refusals.js';

export type { ConnectionServiceDeps, CreateConnection, CreatedConnection } from './create-connection.js';

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
    create: (accountId: string, request: CreateConnection): Promise<CreatedConnection> =>
      createConnection({ ...deps, intervals }, accountId, request),

    list: (accountId: string): Promise<ConnectionRow[]> => withTenant(database, accountId, 'all', listConnections),

    find: (accountId: string, connectionId: string): Promise<ConnectionRow> =>
      withTenant(database, accountId, 'all', (tenant) => requireConnection(tenant, connectionId)),

    sites: (accountId: string, connectionId: string): Promise<SitesView> =>
      withTenant(database, accountId, 'all', async (tenant) => {
        const { mappingVersion } = await requireConnection(tenant, connectionId);
        return { version: mappingVersion, items: await listSites(tenant, connectionId) };
      }),

    /** All of the changes or none. Throws `mapping_conflict` when `version` is old. */
    saveMapping(accountId: string, connectionId: string, mapping: SaveMapping, updateId?: string) {
      const { version, changes, collectDiscarded = false } = mapping;
      const args = { version, changes, collectDiscarded };
      return send({ accountId, connectionId }, messages.remapSites, args, updateId);
    },

    /** The old token stays until the new one has been tried, and when it is refused. */
    async replaceToken(
      accountId: string,
      connectionId: string,
      apiToken: string,
      idempotencyKey?: string,
    ): Promise<CommandResult<messages.RotateTokenResult>> {
      const token = readToken(apiToken);
      const credentialId =
        idempotencyKey === undefined ? randomUUID() : uuidv5(`token ${idempotencyKey}`, connectionId);
      const tokenJwe = await deps.cipher.encrypt(token, { accountId, connectionId });
      await withTenant(database, accountId, 'all', async (tenant) => {
        const { state } = await requireConnection(tenant, connectionId);
        // The workflow would refuse it as well, and the token would have been kept for nothing.
        if (ENDED.includes(state)) throw new Problem('illegal_state', 'the connection has ended');
        const route = `POST /v1/connections/${connectionId}/token`;
        const claim = { route, key: idempotencyKey, body: { apiToken }, resourceId: credentialId };
        const credential = { id: credentialId, connectionId, tokenJwe, lastFour: lastFour(token) };
        await createOnce(tenant, claim, () => insertPendingCredential(tenant, credential));
      });
      try {
        const ref = { accountId, connectionId };
        return await commands.send(ref, messages.rotateToken, { credentialId }, `token:${credentialId}`);
      } catch (error) {
        if (!(error instanceof Problem) || !isTokenFailure(error.code)) throw error;
        const permissions = await withTenant(database, accountId, 'all', (tenant) =>
          findRefusedPermissions(tenant, credentialId),
        );
        throw tokenRefusal(error.code, { permissions });
      }
    },

    pause: (accountId: string, connectionId: string, updateId?: string) =>
      send({ accountId, connectionId }, messages.pause, {}, updateId),
    resume: (accountId: string, connectionId: string, updateId?: string) =>
      send({ accountId, connectionId }, messages.resume, {}, updateId),
    recheck: (accountId: string, connectionId: string, updateId?: string) =>
      send({ accountId, connectionId }, messages.recheck, {}, updateId),
    syncSites: (accountId: string, connectionId: string, updateId?: string) =>
      send({ accountId, connectionId }, messages.syncSites, {}, updateId),
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

function readToken(apiToken: string): Secret {
  const parsed = parseApiToken(apiToken);
  if (parsed.ok) return parsed.token;
  throw tokenRefusal('s1.token_rejected', { errors: [{ path: 'apiToken', message: parsed.problem }] });
}
