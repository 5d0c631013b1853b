// The audit log. There is nothing but adding and reading; the database itself refuses the rest.
import { type Insertable, sql } from 'kysely';
import type { AuditActorKind } from '../../domain/audit.js';
import type { AuditLogTable } from '../schema/people.js';
import type { Tenant } from '../tenant.js';

export type NewAuditRow = Omit<Insertable<AuditLogTable>, 'accountId' | 'at'>;

export interface AuditRow {
  readonly id: number;
  readonly at: string;
  readonly actorKind: AuditActorKind;
  readonly actorId: string | null;
  readonly actorLabel: string;
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

export interface AuditFilter {
  readonly action?: string | undefined;
  readonly subjectType?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly actorId?: string | undefined;
  /** Instants; `from` inclusive, `to` exclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface AuditPlace {
  readonly at: string;
  readonly id: string;
}

// A statement takes 65,535 parameters and a row has a dozen.
const ROWS_A_STATEMENT = 1_000;

/** A row whose command has one already is left out. */
export async function insertAuditRows(tenant: Tenant, rows: readonly NewAuditRow[]): Promise<void> {
  const { accountId } = tenant;
  for (let first = 0; first < rows.length; first += ROWS_A_STATEMENT) {
    const values = rows.slice(first, first + ROWS_A_STATEMENT).map((row) => ({ accountId, ...row }));
    await tenant.db
      .insertInto('auditLog')
      .values(values)
      // Naming the columns would need the right to read the row, which people of a single organization have not.
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Newest first, after `place` when there is one. */
export function listAuditRows(
  tenant: Tenant,
  { filter, place, limit }: { readonly filter: AuditFilter; readonly place: AuditPlace | null; readonly limit: number },
): Promise<AuditRow[]> {
  const { action, subjectType, subjectId, actorId, from, to } = filter;
  return tenant.db
    .selectFrom('auditLog')
    .selectAll()
    .where('accountId', '=', tenant.accountId)
    .$if(action !== undefined, (query) => query.where('action', '=', action ?? ''))
    .$if(subjectType !== undefined, (query) => query.where('subjectType', '=', subjectType ?? ''))
    .$if(subjectId !== undefined, (query) => query.where('subjectId', '=', subjectId ?? ''))
    .$if(actorId !== undefined, (query) => query.where('actorId', '=', actorId ?? ''))
    .$if(from !== undefined, (query) => query.where('at', '>=', from ?? ''))
    .$if(to !== undefined, (query) => query.where('at', '<', to ?? ''))
    .$if(place !== null, (query) =>
      query.where(sql<boolean>`(at, id) < (${place?.at}::timestamptz, ${place?.id}::bigint)`),
    )
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}
