// A tenant with a row in every tenant table, and another who must never see or change one of them.
import { randomUUID } from 'node:crypto';
import { recordLicenseCounts } from '../../../src/store/billing/license-count.repository.js';
import { saveAgents } from '../../../src/store/collecting/agent.repository.js';
import * as backfills from '../../../src/store/collecting/backfill.repository.js';
import { saveActivityTypes } from '../../../src/store/connections/activity-type.repository.js';
import { once } from '../../../src/store/connections/command.repository.js';
import * as connections from '../../../src/store/connections/connection.repository.js';
import * as credentials from '../../../src/store/connections/credential.repository.js';
import { addToTimeline } from '../../../src/store/connections/timeline.repository.js';
import { ingestPage } from '../../../src/store/ingest/ingest-page.js';
import {
  aConnection,
  anAccountOfTwo,
  anActivity,
  aPage,
  aSite,
  asTenant,
  type ConnectionRef,
} from '../../support/builders.js';
import type { Store } from './use-store.js';

/** The account’s own: who sees only some organizations sees none of their rows. */
export const ACCOUNT_TABLES = [
  'connections', 'credentials', 'sites', 'site_absences', 'site_mappings', 'mapping_history', 'agents', 'activity_types', 'connection_timeline',
  'commands', 'discards', 'rejects', 'backfills', 'checkpoints',
]; // prettier-ignore
/** Each row belongs to one organization. */
export const ORGANIZATION_TABLES = ['organizations', 'events', 'license_counts'];
export const TENANT_TABLES = [...ACCOUNT_TABLES, ...ORGANIZATION_TABLES];

export const WINDOW = { fromMicros: Date.UTC(2026, 0, 1) * 1000, toMicros: Date.UTC(2026, 0, 2) * 1000 };

export interface TwoTenants {
  /** A connection of an account that has a row in every tenant table. */
  readonly mine: ConnectionRef;
  /** Another account’s, with nothing else. */
  readonly other: ConnectionRef;
  /** The organization of `mine` that its site is mapped to; the default one is the first. */
  readonly second: string;
  readonly backfill: backfills.BackfillRow;
  readonly credentialId: string;
}

export async function twoTenants(store: Store): Promise<TwoTenants> {
  const account = await anAccountOfTwo(store.owner);
  const second = account.otherOrganizationId;
  const mine = await aConnection(store.owner, { account });
  const other = await aConnection(store.owner);
  const credentialId = randomUUID();
  await aSite(store.owner, mine, { siteId: '1', organizationId: second });
  const { accountId, connectionId } = mine;
  const backfill = await asTenant(store.owner, accountId, async (tenant) => {
    await saveAgents(tenant, connectionId, [{ agentId: 'gone', siteId: null }]);
    await saveActivityTypes(tenant, connectionId, [{ activityType: 7, name: 'Seven' }]);
    await credentials.insertPendingCredential(tenant, {
      id: credentialId,
      connectionId,
      tokenJwe: 'jwe',
      lastFour: 'wxyz',
    });
    await connections.setCredential(tenant, connectionId, credentialId);
    await once(tenant, { connectionId, commandId: 'c', kind: 'pause' }, () => Promise.resolve({ ok: true }));
    await addToTimeline(tenant, { connectionId, kind: 'state', outcome: 'active' });
    await recordLicenseCounts(tenant, connectionId, [{ siteId: '1', activeLicenses: 5 }]);
    const absence = { goneAt: '2026-01-01T00:00:00Z', returnedAt: '2026-01-02T00:00:00Z' };
    await tenant.db
      .insertInto('siteAbsences')
      .values({ accountId, connectionId, siteId: '1', ...absence })
      .execute();
    const id = await backfills.queueBackfill(tenant, { connectionId, kind: 'requested', window: WINDOW });
    const row = await backfills.findBackfill(tenant, connectionId, id);
    if (row === undefined) throw new Error('the backfill was not queued');
    return row;
  });
  const page = await aPage(store.owner, mine, {
    activities: [
      anActivity(0, { siteId: '1' }),
      anActivity(1),
      anActivity(2, { siteId: '9' }),
      anActivity(3, { agentId: 'gone' }),
    ],
    rejects: [{ text: '{}', reason: 'no_id', occurredAt: null }],
  });
  await ingestPage(store.owner, page);
  return { mine, other, second, backfill, credentialId };
}
