// Activities that could not be read, kept raw with the reason. The same text is kept once, however often it is read
// again.
import { createHash } from 'node:crypto';
import { sanitizeText } from '../../domain/ecs/sanitize.js';
import type { Tenant } from '../tenant.js';
import type { PageToStore } from './page.js';

/** Returns how many were new. */
export async function insertRejects(tenant: Tenant, page: PageToStore): Promise<number> {
  if (page.rejects.length === 0) return 0;
  const rows = page.rejects
    .map(({ text, reason, occurredAt }) => ({
      accountId: tenant.accountId,
      connectionId: page.connectionId,
      s1AccountId: page.s1AccountId,
      sha256: createHash('sha256').update(text).digest(),
      reason,
      occurredAt,
      raw: sanitizeText(text),
    }))
    .sort((a, b) => a.sha256.compare(b.sha256)); // two pages with the same rejects wait in line, not in a circle
  const { numInsertedOrUpdatedRows = 0n } = await tenant.db
    .insertInto('rejects')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows);
}
