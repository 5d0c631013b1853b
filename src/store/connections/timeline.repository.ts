// What happened to a connection, for people to read: states, messages, refusals. Codes and ids only.
import type { Tenant } from '../tenant.js';

export interface TimelineRow {
  readonly connectionId: string;
  readonly kind: string;
  readonly outcome: string;
  readonly code?: string | null;
  readonly commandId?: string | null;
  readonly details?: Readonly<Record<string, unknown>>;
}

export async function addToTimeline(tenant: Tenant, row: TimelineRow): Promise<void> {
  await tenant.db
    .insertInto('connectionTimeline')
    .values({
      accountId: tenant.accountId,
      connectionId: row.connectionId,
      kind: row.kind,
      outcome: row.outcome,
      code: row.code ?? null,
      commandId: row.commandId ?? null,
      details: JSON.stringify(row.details ?? {}),
    })
    .execute();
}
