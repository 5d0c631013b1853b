// Backfills that people ask for: a row in the queue and a signal to the connection's workflow, which needs no worker to
// be up. The workflow is asked whether it lives before the row is committed, so nothing is queued that nobody would
// work off; a signal that is lost afterwards is made up for by the next site sync.
import { randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { backfillProgress } from '../../domain/collecting/backfill-progress.js';
import { LIVE } from '../../domain/connection/connection-state.js';
import { Problem } from '../../domain/failures/problem.js';
import { MICROS_PER_MINUTE, toMicros } from '../../domain/instant.js';
import type { Logger } from '../../log.js';
import { countUnfinishedBackfills, queueBackfill } from '../../store/collecting/backfill.repository.js';
import {
  type BackfillViewRow,
  type BackfillWish,
  findBackfillView,
  listBackfillViews,
  mappingChangesSince,
  wishBackfill,
} from '../../store/collecting/backfill-view.repository.js';
import { unknownSites } from '../../store/connections/mapping.repository.js';
import type { Database } from '../../store/database.js';
import type { Tenant } from '../../store/tenant.js';
import type { ConnectionCommands } from '../../temporal/connection-commands.js';
import { connectionEnded } from '../../temporal/connection-problems.js';
import { record } from '../audit/audit.service.js';
import { requireConnection } from '../connections/require-connection.js';
import { createOnce } from '../http/idempotency.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import { type Actor, type Scope, scoped } from '../http/request-facts.js';
import type { BackfillView, CreateBackfill } from './backfill.dto.js';

export interface BackfillServiceDeps {
  readonly database: Database;
  readonly commands: Pick<ConnectionCommands, 'requireRunning' | 'signalBackfills'>;
  readonly eventRetentionDays: number;
  readonly log: Pick<Logger, 'warn'>;
}

export type BackfillService = ReturnType<typeof createBackfillService>;

const DAY_MICROS = 24 * 60 * MICROS_PER_MINUTE;
/** They are worked off one after the other, and each keeps its slices: a script that asks in a loop is stopped here. */
const MAX_UNFINISHED = 20;
const DONE: Readonly<Record<BackfillWish, string>> = {
  pause: 'backfill.paused',
  resume: 'backfill.resumed',
  cancel: 'backfill.cancelled',
};

export function createBackfillService(deps: BackfillServiceDeps) {
  const { database, commands, log } = deps;
  const inScope = scoped(database);

  const signal = async (accountId: string, connectionId: string) => {
    try {
      await commands.signalBackfills({ accountId, connectionId });
    } catch {
      log.warn({ accountId, connectionId }, 'a backfill could not be announced; the next site sync starts it');
    }
  };

  return {
    list: (scope: Scope, connectionId: string, { pageToken, limit }: PageQuery) =>
      inScope(scope, async (tenant) => {
        await requireConnection(tenant, connectionId);
        const key = decodePageToken(pageToken, ['instant', 'uuid']);
        const after = key === null ? null : { createdAt: key[0] ?? '', id: key[1] ?? '' };
        const rows = await listBackfillViews(tenant, connectionId, { after, limit: limit + 1 });
        return pageOf(rows.map(view), limit, ({ createdAt, id }) => [createdAt, id]);
      }),

    find: (scope: Scope, connectionId: string, id: string): Promise<BackfillView> =>
      inScope(scope, (tenant) => read(tenant, connectionId, id)),

    async create(actor: Actor, connectionId: string, body: CreateBackfill, key?: string): Promise<BackfillView> {
      const { accountId } = actor.principal;
      const window = windowOf(body, deps.eventRetentionDays);
      await inScope(actor.principal, (tenant) => requireLive(tenant, connectionId));
      // Not inside a transaction: it may take seconds to learn that Temporal is away.
      await commands.requireRunning({ accountId, connectionId });
      const created = await inScope(actor.principal, async (tenant) => {
        const id = key === undefined ? randomUUID() : uuidv5(`backfill ${key}`, connectionId);
        const route = `POST /v1/connections/${connectionId}/backfills`;
        const { resourceId, repeated } = await createOnce(tenant, { route, key, body, resourceId: id }, async () => {
          await requireAcceptable(tenant, connectionId, body);
          await requireRoom(tenant, connectionId);
          const { siteIds, from, to, acceptCurrentMapping } = body;
          const request = { id, connectionId, kind: 'requested', window } as const;
          await queueBackfill(tenant, siteIds === undefined ? request : { ...request, siteIds });
          const after = { connectionId, from, to, siteIds: siteIds ?? null, acceptCurrentMapping };
          await record(tenant, actor, { action: 'backfill.created', subject: { type: 'backfill', id }, after });
        });
        return { view: await read(tenant, connectionId, resourceId), repeated };
      });
      if (!created.repeated) await signal(accountId, connectionId);
      return created.view;
    },

    async wish(actor: Actor, connectionId: string, id: string, wish: BackfillWish): Promise<BackfillView> {
      const { accountId } = actor.principal;
      const after = await inScope(actor.principal, async (tenant) => {
        const before = await read(tenant, connectionId, id);
        if (!(await wishBackfill(tenant, connectionId, { id, wish }))) {
          throw new Problem('backfill_finished', `the backfill is ${before.state}`);
        }
        await record(tenant, actor, { action: DONE[wish], subject: { type: 'backfill', id }, after: { connectionId } });
        return read(tenant, connectionId, id);
      });
      if (wish !== 'pause') await signal(accountId, connectionId);
      return after;
    },
  };
}

function windowOf({ from, to }: CreateBackfill, retentionDays: number) {
  const window = { fromMicros: toMicros(from), toMicros: toMicros(to) };
  const nowMicros = Date.now() * 1000;
  if (window.fromMicros >= window.toMicros) throw new Problem('invalid_input', 'from: must be before to');
  if (window.toMicros > nowMicros + MICROS_PER_MINUTE) {
    throw new Problem('invalid_input', 'to: must not be in the future; what is new is collected anyway');
  }
  if (window.fromMicros < nowMicros - retentionDays * DAY_MICROS) {
    throw new Problem('backfill_too_old', `from: events are kept for ${retentionDays} days; choose a later instant`);
  }
  return window;
}

async function requireLive(tenant: Tenant, connectionId: string): Promise<void> {
  const { state } = await requireConnection(tenant, connectionId);
  if (LIVE.includes(state)) return;
  throw connectionEnded();
}

async function requireRoom(tenant: Tenant, connectionId: string): Promise<void> {
  const unfinished = await countUnfinishedBackfills(tenant, connectionId);
  if (unfinished < MAX_UNFINISHED) return;
  const sentence = `${unfinished} backfills of the connection wait or run already; let one end, or cancel one`;
  throw new Problem('too_many_backfills', sentence, { extra: { limit: MAX_UNFINISHED } });
}

async function requireAcceptable(tenant: Tenant, connectionId: string, body: CreateBackfill): Promise<void> {
  const { siteIds, from, acceptCurrentMapping } = body;
  const changes = (siteIds ?? []).map((siteId) => ({ siteId, organizationId: null }));
  const unknown = changes.length === 0 ? [] : await unknownSites(tenant, connectionId, changes);
  if (unknown.length > 0) {
    const sentence = 'the connection has no such site; nothing was changed';
    throw new Problem('mapping_unknown_site', sentence, { extra: { siteIds: unknown } });
  }
  if (acceptCurrentMapping) return;
  const since = { since: from, siteIds: siteIds ?? null };
  const changed = await mappingChangesSince(tenant, connectionId, since);
  if (changed.length === 0) return;
  throw new Problem(
    'mapping_changed',
    'the mapping has changed since then, and activities of before would be filed as it is now; accept that or choose a later start',
    { extra: { changes: changed } },
  );
}

async function read(tenant: Tenant, connectionId: string, id: string): Promise<BackfillView> {
  const row = await findBackfillView(tenant, connectionId, id);
  if (row === undefined) throw new Problem('not_found', 'no such backfill');
  return view(row);
}

function view(row: BackfillViewRow): BackfillView {
  const { state, percent, secondsLeft } = backfillProgress(
    {
      ...row,
      totalMs: (toMicros(row.toAt) - toMicros(row.fromAt)) / 1000,
      runningSinceMs: row.runningSince === null ? null : Date.parse(row.runningSince),
      isFailing: row.failureCode !== null,
    },
    Date.now(),
  );
  return {
    id: row.id,
    kind: row.kind,
    from: row.fromAt,
    to: row.toAt,
    siteIds: row.siteIds,
    state,
    progress: { percent, slicesDone: row.slicesDone, slices: row.slices, secondsLeft },
    counts: {
      stored: row.storedCount,
      discarded: row.discardedCount,
      rejected: row.rejectedCount,
      unavailable: row.unavailableCount,
    },
    failureCode: row.failureCode,
    nextTryAt: row.nextTryAt,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
  };
}
