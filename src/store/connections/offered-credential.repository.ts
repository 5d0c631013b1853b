// What became of a token that was handed over by signal, which has nobody to answer to: the credential's row says
// whether it is the connection's own now, the timeline says why not.
import type { Tenant } from '../tenant.js';

export interface OfferedCredential {
  readonly isCurrent: boolean;
  readonly expiresAt: string | null;
  readonly destroyedAt: string | null;
  readonly pendingUntil: string | null;
}

export async function findOfferedCredential(
  { db, accountId }: Tenant,
  connectionId: string,
  credentialId: string,
): Promise<OfferedCredential | undefined> {
  const row = await db
    .selectFrom('credentials')
    .innerJoin('connections', (join) =>
      join
        .onRef('connections.accountId', '=', 'credentials.accountId')
        .onRef('connections.id', '=', 'credentials.connectionId'),
    )
    .select(['credentials.expiresAt', 'credentials.destroyedAt', 'credentials.pendingUntil'])
    .select('connections.credentialId as current')
    .where('credentials.accountId', '=', accountId)
    .where('credentials.connectionId', '=', connectionId)
    .where('credentials.id', '=', credentialId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { current, ...rest } = row;
  return { ...rest, isCurrent: current === credentialId };
}

export async function lastTimelineId({ db, accountId }: Tenant, connectionId: string): Promise<number> {
  const row = await db
    .selectFrom('connectionTimeline')
    .select(({ fn }) => fn.max('id').as('id'))
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .executeTakeFirst();
  return row?.id ?? 0;
}

/** The code of the first message of this kind that was refused after the timeline's entry `after`. */
export async function firstRefusalAfter(
  { db, accountId }: Tenant,
  connectionId: string,
  of: { readonly kind: string; readonly after: number },
): Promise<string | null> {
  const row = await db
    .selectFrom('connectionTimeline')
    .select('code')
    .where('accountId', '=', accountId)
    .where('connectionId', '=', connectionId)
    .where('kind', '=', of.kind)
    .where('outcome', '=', 'refused')
    .where('id', '>', of.after)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row?.code ?? null;
}
