// Statements: computed while a month is open, kept word for word once it is frozen. A frozen one never changes; a
// correction is another revision.
import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import { corrected } from '../../domain/billing/correction.js';
import { type StatementContent, statementOf } from '../../domain/billing/statement.js';
import { canonicalJson } from '../../domain/json/canonical-json.js';
import type { StatementsTable } from '../schema/billing.js';
import type { Tenant } from '../tenant.js';
import { readMonthFacts } from './billing-facts.repository.js';

export type StatementRow = Selectable<StatementsTable>;

/** The statement as the store's rows give it now, frozen or not. */
export const computeStatement = async (tenant: Tenant, month: string, at?: string): Promise<StatementContent> =>
  statementOf(await readMonthFacts(tenant, month, at));

/** Of the content's canonical JSON, in hexadecimal. */
export const statementSha256 = (content: StatementContent): string =>
  createHash('sha256').update(canonicalJson(content)).digest('hex');

/** Returns false when the month is frozen already. The month is over; the caller is the owner of the table. */
export async function freezeStatement(tenant: Tenant, month: string): Promise<boolean> {
  if ((await findStatement(tenant, month)) !== undefined) return false;
  return insertStatement(tenant, { revision: 1, supersedes: null, content: await computeStatement(tenant, month) });
}

/**
 * Computes a frozen month again and keeps what differs as a new revision. Returns null when nothing differs, or when it
 * was never frozen. The caller is the owner of the table.
 */
export async function reviseStatement(tenant: Tenant, month: string, reason: string): Promise<StatementRow | null> {
  const before = await findStatement(tenant, month);
  if (before === undefined) return null;
  const content = await computeStatement(tenant, month);
  const unchanged = canonicalJson({ ...before.content, correction: null }) === canonicalJson(content);
  if (unchanged) return null;
  const { revision } = before;
  const next = { revision: revision + 1, supersedes: revision, content: corrected(before, content, reason) };
  await insertStatement(tenant, next);
  return (await findStatement(tenant, month)) ?? null;
}

/** Two that freeze one month at once write the same; the second is told so. */
async function insertStatement(
  { db, accountId }: Tenant,
  statement: Pick<StatementRow, 'revision' | 'supersedes' | 'content'>,
): Promise<boolean> {
  const { revision, supersedes, content } = statement;
  const { month, basis, timeZone, total } = content;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('statements')
    .values({
      accountId,
      month,
      revision,
      supersedes,
      basis,
      timeZone,
      total,
      content: JSON.stringify(content),
      contentSha256: statementSha256(content),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** The newest revision unless one is named. */
export function findStatement(
  { db, accountId }: Tenant,
  month: string,
  revision?: number,
): Promise<StatementRow | undefined> {
  let query = db.selectFrom('statements').selectAll().where('accountId', '=', accountId).where('month', '=', month);
  if (revision !== undefined) query = query.where('revision', '=', revision);
  return query.orderBy('revision', 'desc').limit(1).executeTakeFirst();
}

export type StatementSummary = Omit<StatementRow, 'accountId' | 'content'>;

/** The newest revision of each frozen month, without its content. */
export function listFrozen({ db, accountId }: Tenant): Promise<StatementSummary[]> {
  return db
    .selectFrom('statements')
    .select(['month', 'revision', 'basis', 'timeZone', 'total', 'contentSha256', 'frozenAt', 'supersedes'])
    .distinctOn('month')
    .where('accountId', '=', accountId)
    .orderBy('month')
    .orderBy('revision', 'desc')
    .execute();
}
