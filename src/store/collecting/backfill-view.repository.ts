// Backfills as people follow them, and the two flags by which people stop them. The rows themselves are the worker's
// queue.
import { type RawBuilder, sql } from 'kysely';
import type { CreatedKey } from '../schema/column-types.js';
import type { Tenant } from '../tenant.js';
import type { BackfillRow } from './backfill.repository.js';
import { coveredMs } from './checkpoint.repository.js';

export interface BackfillViewRow extends BackfillRow {
  readonly slices: number;
  readonly slicesDone: number;
  /** Of the window, up to each slice's watermark. */
  readonly coveredMs: number;
}

export const findBackfillView = (
  tenant: Tenant,
  connectionId: string,
  id: string,
): Promise<BackfillViewRow | undefined> =>
  views(tenant, connectionId).where('backfills.id', '=', id).executeTakeFirst();

/** Newest first. */
export function listBackfillViews(
  tenant: Tenant,
  connectionId: string,
  page: { readonly after: CreatedKey | null; readonly limit: number },
): Promise<BackfillViewRow[]> {
  let query = views(tenant, connectionId);
  if (page.after !== null) {
    const { createdAt, id } = page.after;
    query = query.where(sql<boolean>`(backfills.created_at, backfills.id) < (${createdAt}::timestamptz, ${id}::uuid)`);
  }
  return query.orderBy('backfills.createdAt', 'desc').orderBy('backfills.id', 'desc').limit(page.limit).execute();
}

function views({ accountId, db }: Tenant, connectionId: string) {
  const ofSlices = <T>(aggregate: RawBuilder<T>) => sql<T>`(select ${aggregate} from checkpoints slice
    where slice.account_id = backfills.account_id and slice.connection_id = backfills.connection_id
      and slice.backfill_id = backfills.id)`;
  return db
    .selectFrom('backfills')
    .selectAll('backfills')
    .select([
      ofSlices(sql<number>`count(*)`).as('slices'),
      ofSlices(sql<number>`count(slice.done_at)`).as('slicesDone'),
      ofSlices(coveredMs()).as('coveredMs'),
    ])
    .where('backfills.accountId', '=', accountId)
    .where('backfills.connectionId', '=', connectionId);
}

export type BackfillWish = 'pause' | 'resume' | 'cancel';

/**
 * Says what should become of an unfinished backfill; false when it has finished. What never ran is cancelled at once.
 */
export async function wishBackfill(
  { accountId, db }: Tenant,
  connectionId: string,
  { id, wish }: { readonly id: string; readonly wish: BackfillWish },
): Promise<boolean> {
  const query = db
    .updateTable('backfills')
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running']);
  const set =
    wish === 'cancel'
      ? query.set({
          cancelRequested: true,
          state: sql`case when state = 'queued' then 'cancelled' else state end`,
          finishedAt: sql`case when state = 'queued' then now() end`,
        })
      : query.set({ pauseRequested: wish === 'pause' });
  const { numUpdatedRows } = await set.executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export interface MappingChangeOnRecord {
  /** null: the default organization. */
  readonly siteId: string | null;
  readonly siteName: string | null;
  readonly version: number;
  readonly committedAt: string;
  readonly fromOrganizationId: string | null;
  readonly toOrganizationId: string | null;
}

/**
 * Where activities of these sites went differently after `since`: a backfill of that time would file them as of now. A
 * site's first mapping is no change, because nobody owned its activities before. Without sites: all, and the default.
 */
export async function mappingChangesSince(
  { accountId, db }: Tenant,
  connectionId: string,
  { since, siteIds }: { readonly since: string; readonly siteIds: readonly string[] | null },
): Promise<MappingChangeOnRecord[]> {
  const { rows } = await sql<MappingChangeOnRecord>`
    with history as (
      select site_id, version, committed_at, organization_id,
             lag(organization_id) over of_site as before,
             row_number() over of_site as place
        from mapping_history
       where account_id = ${accountId} and connection_id = ${connectionId}
         and (${siteIds === null} or site_id = any (${[...(siteIds ?? [])]}::text[]))
      window of_site as (partition by site_id order by version)
    )
    select history.site_id, sites.name as site_name, version, committed_at,
           before as from_organization_id, history.organization_id as to_organization_id
      from history left join sites
        on sites.account_id = ${accountId} and sites.connection_id = ${connectionId} and sites.site_id = history.site_id
     where place > 1 and before is distinct from history.organization_id and committed_at > ${since}
     order by committed_at, history.site_id`.execute(db);
  return rows;
}
