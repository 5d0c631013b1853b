// The part of a discard collection that sites cannot filter: rows that named only an agent are asked for by their ids.
import { IDS_PER_REQUEST, isSentinelOneId } from '../../src/sentinelone/calls/activity-query.js';
import type { BackfillRow } from '../../src/store/collecting/backfill.repository.js';
import { agentCheckpoint } from '../../src/store/collecting/checkpoint.repository.js';
import { countLedger, ledgerOfAgents } from '../../src/store/collecting/discard.repository.js';
import { lockRouting } from '../../src/store/connection-lock.js';
import { refreshDiscardSpans } from '../../src/store/connections/site.repository.js';
import { type Tenant, withTenant } from '../../src/store/tenant.js';
import type { ConnectionSession } from '../attempt/connection-session.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';
import { collectChain } from './collect-chain.js';
import type { ReadTypeNames } from './type-names.js';

/** One run of a backfill, as its steps share it. */
export interface BackfillRun {
  readonly ref: ConnectionRef;
  readonly backfill: BackfillRow;
  readonly opened: ConnectionSession;
  readonly s1AccountId: string;
  /** The backfill's sites that SentinelOne can be asked about; null for all of the account. */
  readonly siteIds: readonly string[] | null;
  readonly typeNames: ReadTypeNames;
  /** Throws when the run should stop between two pages. */
  readonly onPage: () => void;
  /** The first good page ends a row of failures. */
  readonly afterPage: () => Promise<void>;
}

export async function collectLedgerOfAgents(deps: Deps, run: BackfillRun): Promise<void> {
  const { ref, backfill, opened, s1AccountId, typeNames, onPage, afterPage } = run;
  const siteIds = backfill.siteIds ?? [];
  const { ids, checkpoint } = await withTenant(deps.database, ref.accountId, 'all', async (tenant) => ({
    ids: (await ledgerOfAgents(tenant, ref.connectionId, siteIds)).filter(isSentinelOneId),
    checkpoint: await agentCheckpoint(tenant, backfill),
  }));
  let latest = checkpoint;
  for (let at = 0; at < ids.length; at += IDS_PER_REQUEST) {
    const chunk = ids.slice(at, at + IDS_PER_REQUEST);
    const result = await collectChain(deps, {
      ...ref,
      s1AccountId,
      session: opened.session,
      typeNames,
      checkpoint: latest,
      finishes: at + IDS_PER_REQUEST >= ids.length,
      fromLedger: true,
      backfillId: backfill.id,
      query: () => ({ accountId: s1AccountId, ids: chunk }),
      onPage,
      afterPage,
    });
    latest = result.checkpoint;
  }
}

/** Puts the sites' discard counters right and returns how many rows SentinelOne no longer had. */
export async function finishLedger(tenant: Tenant, backfill: BackfillRow): Promise<number> {
  const siteIds = backfill.siteIds ?? [];
  await lockRouting(tenant, backfill.connectionId, 'exclusive');
  await refreshDiscardSpans(tenant, backfill.connectionId, siteIds);
  const { connectionId, fromAt, toAt } = backfill;
  return countLedger(tenant, { connectionId, siteIds, fromAt, toAt });
}
