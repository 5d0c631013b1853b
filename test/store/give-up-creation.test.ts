// A creation that nobody carried out: the api ends it, which is all that it may write of a connection's state.
import { expect, test } from 'vitest';
import { giveUpCreation } from '../../src/store/connections/connection.repository.js';
import { connectionsDefaultingTo } from '../../src/store/people/organization.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import { type AccountRef, aConnection, anAccount, type ConnectionRef } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { query } = store;

const giveUp = ({ accountId }: AccountRef, { connectionId }: ConnectionRef) =>
  withTenant(store.api, accountId, 'all', (tenant) => giveUpCreation(tenant, connectionId));

/** Of which nothing is known yet but its token. */
async function aCreation(account: AccountRef): Promise<ConnectionRef> {
  const connection = await aConnection(store.owner, { account, state: 'validating' });
  await query('update connections set s1_account_id = null where id = $1', [connection.connectionId]);
  await query(
    `insert into credentials (account_id, id, connection_id, token_jwe, last_four, pending_until)
     values ($1, gen_random_uuid(), $2, 'x', 'abcd', now() + interval '1 hour')`,
    [account.accountId, connection.connectionId],
  );
  return connection;
}

/** State, reason, living tokens, entries in the timeline. */
async function stateOf({ connectionId }: ConnectionRef) {
  const { rows } = await store.owner.pool.query<object>(
    `select state, state_seq, refusal_code, ended_at is not null as ended,
            (select count(*)::int from credentials where connection_id = c.id and token_jwe is not null) as tokens,
            (select count(*)::int from connection_timeline where connection_id = c.id and outcome = 'refused') as entries
       from connections c where id = $1`,
    [connectionId],
  );
  return rows[0];
}

const OPEN = { state: 'validating', state_seq: 0, refusal_code: null, ended: false, tokens: 1, entries: 0 };

test('it is refused once, and its token is destroyed', async () => {
  const account = await anAccount(store.owner);
  const creation = await aCreation(account);
  expect(await stateOf(creation)).toEqual(OPEN);
  expect([await giveUp(account, creation), await giveUp(account, creation)]).toEqual([true, false]);
  const refused = { state: 'refused', state_seq: 1, refusal_code: 'command_expired', ended: true };
  expect(await stateOf(creation)).toEqual({ ...refused, tokens: 0, entries: 1 });
});

test('not when it was accepted, although its state is not written yet', async () => {
  const account = await anAccount(store.owner);
  const creation = await aCreation(account);
  await query(`update connections set s1_account_id = '1' where id = $1`, [creation.connectionId]);
  expect(await giveUp(account, creation)).toBe(false);
  expect(await stateOf(creation)).toEqual(OPEN);
});

test('nor by another account, nor by somebody who sees only some of its organizations', async () => {
  const [account, stranger] = [await anAccount(store.owner), await anAccount(store.owner)];
  const creation = await aCreation(account);
  expect(await giveUp(stranger, creation)).toBe(false);
  const { accountId, organizationId } = account;
  const byOrganization = withTenant(store.api, accountId, [organizationId], (tenant) =>
    giveUpCreation(tenant, creation.connectionId),
  );
  expect(await byOrganization).toBe(false);
  expect(await stateOf(creation)).toEqual(OPEN);
});

test('one that nobody ended keeps its organization for some minutes, and no longer', async () => {
  const account = await anAccount(store.owner);
  const { accountId, organizationId } = account;
  const users = () =>
    withTenant(store.api, accountId, 'all', (tenant) => connectionsDefaultingTo(tenant, organizationId));
  const creation = await aCreation(account);
  expect(await users()).toHaveLength(1);
  const age = `update connections set created_at = now() - interval '10 minutes' where account_id = $1`;
  await query(age, [accountId]);
  expect(await users()).toEqual([]);
  // Accepted ones and those that live are in use however old they are.
  await query(`update connections set s1_account_id = '1' where id = $1`, [creation.connectionId]);
  expect(await users()).toHaveLength(1);
});
