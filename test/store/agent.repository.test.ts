import { describe, expect, test } from 'vitest';
import {
  addAgents,
  movedAgents,
  saveAgents,
  staleAgents,
  unresolvedAgents,
} from '../../src/store/collecting/agent.repository.js';
import { ledgerOfAgents } from '../../src/store/collecting/discard.repository.js';
import { aConnection, anActivity } from '../support/builders.js';
import { discard, expectConsistent, totalsOf } from './support/ledgers.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as, query } = store;
const MINUTE_MS = 60_000;

describe('agents', () => {
  test('that get a site take their discards under it, with the counters', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    const answer = (agentId: string, siteId: string | null) =>
      as(connection, (tenant) => saveAgents(tenant, connectionId, [{ agentId, siteId }]));
    await answer('a', null);
    await answer('b', null);
    await discard(store.owner, connection, { agentId: 'a' }, { agentId: 'a' }, { agentId: 'b' }, { siteId: '9' });
    await answer('a', '9');
    const sites = await query(
      'select site_id, discarded_count, first_discarded_at, last_discarded_at from sites where account_id = $1',
      [connection.accountId],
    );
    const [first, , , last] = [0, 1, 2, 3].map((index) => anActivity(index).createdAt);
    expect(sites).toEqual([{ site_id: '9', discarded_count: 3, first_discarded_at: first, last_discarded_at: last }]);
    const reasons = await query('select reason, site_from from discards where account_id = $1 order by occurred_at', [
      connection.accountId,
    ]);
    expect(reasons).toEqual([
      { reason: 'site_unmapped', site_from: 'agent' },
      { reason: 'site_unmapped', site_from: 'agent' },
      { reason: 'agent_unresolved', site_from: 'agent' },
      { reason: 'site_unmapped', site_from: 'activity' },
    ]);
    expect(await totalsOf(store.owner, connection)).toMatchObject({ discarded: 4 });
    expect(await as(connection, (tenant) => ledgerOfAgents(tenant, connectionId, ['9']))).toEqual([
      anActivity(0).id,
      anActivity(1).id,
    ]);
    await expectConsistent(store.owner, connection);
  });

  test('keep a site that was known when SentinelOne no longer knows them', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    await as(connection, (tenant) =>
      saveAgents(tenant, connectionId, [
        { agentId: 'a', siteId: '1' },
        { agentId: 'b', siteId: null },
      ]),
    );
    await as(connection, (tenant) => saveAgents(tenant, connectionId, [{ agentId: 'a', siteId: null }]));
    expect(await as(connection, (tenant) => unresolvedAgents(tenant, connectionId, 10))).toEqual(['b']);
  });

  test('that nobody asked about before are added; what is known of the others stays, and they are returned', async () => {
    const connection = await aConnection(store.owner);
    const { connectionId } = connection;
    await as(connection, (tenant) => saveAgents(tenant, connectionId, [{ agentId: 'b', siteId: '1' }]));
    const answers = [
      { agentId: 'a', siteId: '1' },
      { agentId: 'b', siteId: '2' },
      { agentId: 'c', siteId: null },
    ];
    const known = await as(connection, (tenant) => addAgents(tenant, connectionId, answers));
    expect(known).toEqual([{ agentId: 'b', siteId: '2' }]);
    const rows = await query('select agent_id, site_id from agents where account_id = $1 order by agent_id', [
      connection.accountId,
    ]);
    expect(rows).toEqual([
      { agent_id: 'a', site_id: '1' },
      { agent_id: 'b', site_id: '1' },
      { agent_id: 'c', site_id: null },
    ]);
  });

  test('are asked about when they never were, or not lately', async () => {
    const connection = await aConnection(store.owner);
    const { accountId, connectionId } = connection;
    await as(connection, (tenant) =>
      saveAgents(tenant, connectionId, [
        { agentId: 'new', siteId: '1' },
        { agentId: 'old', siteId: '1' },
      ]),
    );
    await query(
      `update agents set checked_at = now() - interval '11 minutes' where account_id = $1 and agent_id = 'old'`,
      [accountId],
    );
    expect(await as(connection, (tenant) => staleAgents(tenant, connectionId, ['new', 'old', 'never']))).toEqual([
      'old',
      'never',
    ]);
  });

  test('are asked about when they were seen in another site after the answer came, or shortly before', async () => {
    const connection = await aConnection(store.owner);
    const { accountId, connectionId } = connection;
    const known: (readonly [string, string | null])[] = [['here', '1'], ['moved', '1'], ['found', null], ['asked', '1']]; // prettier-ignore
    await as(connection, (tenant) =>
      saveAgents(
        tenant,
        connectionId,
        known.map(([agentId, siteId]) => ({ agentId, siteId })),
      ),
    );
    await query(`update agents set checked_at = now() - interval '5 minutes' where account_id = $1`, [accountId]);
    await query(`update agents set checked_at = now() where account_id = $1 and agent_id = 'asked'`, [accountId]);
    const moved = (ageMs: number) =>
      as(connection, (tenant) =>
        movedAgents(tenant, connectionId, [
          { agentId: 'here', siteId: '1', ageMs },
          { agentId: 'moved', siteId: '2', ageMs },
          { agentId: 'found', siteId: '2', ageMs },
          { agentId: 'asked', siteId: '2', ageMs },
          { agentId: 'never', siteId: '2', ageMs },
        ]),
      );
    expect(await moved(0)).toEqual(['asked', 'found', 'moved']);
    expect(await moved(3 * MINUTE_MS)).toEqual(['found', 'moved']);
    expect(await moved(6 * MINUTE_MS)).toEqual(['found', 'moved']);
    expect(await moved(8 * MINUTE_MS)).toEqual([]);
  });
});
