// What people do with a connection that is there. Its state is the workflow's to change, which is its single writer;
// each command is noted in the audit log once it has been accepted, and one that is sent again is carried out and noted
// once.
import type { UpdateDefinition } from '@temporalio/common';
import * as messages from '../../../workflows/connection/messages.js';
import type { ConnectionState } from '../../domain/connection/connection-state.js';
import { Problem } from '../../domain/failures/problem.js';
import { renameConnection } from '../../store/connections/connection.repository.js';
import type { Database } from '../../store/database.js';
import { withTenant } from '../../store/tenant.js';
import { commandId } from '../../temporal/command-ids.js';
import type { ConnectionCommands } from '../../temporal/connection-commands.js';
import { type Doer, scoped } from '../http/request-facts.js';
import { type Answer, noteAndShow } from './command-answer.js';
import type { ChangeConnectionBody, ConnectionView } from './connection.dto.js';
import { connectionView } from './connection-view.js';
import { requireConnection, requireConnectionView } from './require-connection.js';

export type ConnectionService = ReturnType<typeof createConnectionService>;

export type PlainCommand = 'pause' | 'resume' | 'recheck' | 'syncSites';

const DONE: Readonly<Record<PlainCommand, string>> = {
  pause: 'connection.paused',
  resume: 'connection.resumed',
  recheck: 'connection.rechecked',
  syncSites: 'connection.sites_synced',
};

const DISCONNECTED: readonly ConnectionState[] = ['disconnecting', 'disconnected'];

export function createConnectionService(deps: {
  readonly database: Database;
  readonly commands: Pick<ConnectionCommands, 'send'>;
}) {
  const { database, commands } = deps;
  const inScope = scoped(database);

  /**
   * Looks first: without a workflow Temporal could not tell a connection that has ended from one that never was theirs.
   */
  const send: ConnectionCommands['send'] = async (ref, ...command) => {
    await withTenant(database, ref.accountId, 'all', (tenant) => requireConnection(tenant, ref.connectionId));
    return commands.send(ref, ...command);
  };

  const plain =
    <Result>(command: PlainCommand, update: UpdateDefinition<Result, [messages.Expiring]>) =>
    async (doer: Doer, id: string, key?: string): Promise<Answer<ConnectionView>> => {
      const { principal } = doer;
      const updateId = key === undefined ? undefined : commandId(command, id, key);
      const { done } = await send({ accountId: principal.accountId, connectionId: id }, update, {}, updateId);
      const entry = { id, action: DONE[command], after: {}, commandId: updateId };
      return { done, body: await inScope(principal, (tenant) => noteAndShow(tenant, doer, entry)) };
    };

  return {
    pause: plain('pause', messages.pause),
    resume: plain('resume', messages.resume),
    recheck: plain('recheck', messages.recheck),
    syncSites: plain('syncSites', messages.syncSites),

    async change(doer: Doer, id: string, body: ChangeConnectionBody): Promise<Answer<ConnectionView>> {
      const { principal } = doer;
      const { name, pollIntervalSeconds, defaultOrganizationId } = body;
      const before = await inScope(principal, async (tenant) =>
        connectionView(await requireConnectionView(tenant, id)),
      );
      const changed = Object.fromEntries(
        Object.entries(body).filter((field): field is [string, string | number] => field[1] !== undefined),
      );
      if (Object.keys(changed).length === 0) return { done: true, body: before };
      const old = Object.fromEntries(
        Object.keys(changed).map((field) => [field, before[field as keyof typeof body] ?? null]),
      );
      const settings = {
        ...(pollIntervalSeconds === undefined ? {} : { pollIntervalMs: pollIntervalSeconds * 1000 }),
        ...(defaultOrganizationId === undefined ? {} : { defaultOrganizationId }),
      };
      const ref = { accountId: principal.accountId, connectionId: id };
      // The workflow's part first: when it refuses, nothing has changed.
      const done = Object.keys(settings).length === 0 || (await send(ref, messages.changeSettings, settings)).done;
      const view = await inScope(principal, async (tenant) => {
        if (name !== undefined) await renameConnection(tenant, id, name);
        return noteAndShow(tenant, doer, { id, action: 'connection.changed', before: old, after: changed });
      });
      return { done, body: view };
    },

    async disconnect(doer: Doer, id: string): Promise<ConnectionView> {
      const { principal } = doer;
      const { state: before } = await inScope(principal, (tenant) => requireConnection(tenant, id));
      await commands
        .send({ accountId: principal.accountId, connectionId: id }, messages.disconnect, {})
        .catch(async (error: unknown) => {
          // A run that was started to finish a disconnect may have done so before it heard of this one.
          const { state } = await inScope(principal, (tenant) => requireConnection(tenant, id));
          const isRefused = error instanceof Problem && error.code === 'illegal_state';
          if (!isRefused || before === 'disconnected' || !DISCONNECTED.includes(state)) throw error;
        });
      const entry = { id, action: 'connection.disconnected', commandId: commandId('disconnect', id) };
      return inScope(principal, (tenant) => noteAndShow(tenant, doer, entry));
    },
  };
}
