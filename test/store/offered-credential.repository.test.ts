// What became of a token that was handed over by signal, and what an operator looks up across accounts.
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { setCredential } from '../../src/store/connections/connection.repository.js';
import { insertPendingCredential } from '../../src/store/connections/credential.repository.js';
import * as offered from '../../src/store/connections/offered-credential.repository.js';
import { addToTimeline } from '../../src/store/connections/timeline.repository.js';
import { findConnectionsBeginning, listAccounts } from '../../src/store/people/operator-view.repository.js';
import { type Tenant, withTenant } from '../../src/store/tenant.js';
import { aConnection, asTenant, type ConnectionRef } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();

let mine: ConnectionRef;
let other: ConnectionRef;
let credentialId: string;
beforeEach(async () => {
  [mine, other, credentialId] = [await aConnection(store.owner), await aConnection(store.owner), randomUUID()];
  const { connectionId } = mine;
  const credential = { id: credentialId, connectionId, tokenJwe: 'jwe', lastFour: 'wxyz' };
  await as((tenant) => insertPendingCredential(tenant, credential));
});

const as = <T>(work: (tenant: Tenant) => Promise<T>) => asTenant(store.owner, mine.accountId, work);
const find = (tenant: Tenant) => offered.findOfferedCredential(tenant, mine.connectionId, credentialId);
const refuse = (kind: string, code: string) =>
  as((tenant) => addToTimeline(tenant, { connectionId: mine.connectionId, kind, outcome: 'refused', code }));
const refusalAfter = (after: number) => (tenant: Tenant) =>
  offered.firstRefusalAfter(tenant, mine.connectionId, { kind: 'rotateToken', after });

test('a token is offered until it is the current one', async () => {
  expect(await as(find)).toMatchObject({
    isCurrent: false,
    destroyedAt: null,
    pendingUntil: expect.any(String) as string,
  });
  await as((tenant) => setCredential(tenant, mine.connectionId, credentialId));
  expect(await as(find)).toMatchObject({ isCurrent: true });
});

test('the refusal is the first of its kind after the offer', async () => {
  expect(await as((tenant) => offered.lastTimelineId(tenant, mine.connectionId))).toBe(0);
  await refuse('rotateToken', 'before');
  const after = await as((tenant) => offered.lastTimelineId(tenant, mine.connectionId));
  expect(await as(refusalAfter(after))).toBeNull();
  await refuse('remapSites', 'of something else');
  await refuse('rotateToken', 'first');
  await refuse('rotateToken', 'second');
  expect(await as(refusalAfter(after))).toBe('first');
});

test('another account sees none of it, as the api and as the owner', async () => {
  await refuse('rotateToken', 'mine');
  for (const database of [store.api, store.owner]) {
    const asOther = <T>(work: (tenant: Tenant) => Promise<T>) => withTenant(database, other.accountId, 'all', work);
    expect(await asOther(find)).toBeUndefined();
    expect(await asOther(refusalAfter(0))).toBeNull();
    expect(await asOther((tenant) => offered.lastTimelineId(tenant, mine.connectionId))).toBe(0);
  }
});

test('an operator finds a connection by the beginning of its id, in any capitals', async () => {
  const begins = (beginning: string) => findConnectionsBeginning(store.owner, beginning);
  const found = { accountId: mine.accountId, connectionId: mine.connectionId };
  expect(await begins(mine.connectionId.slice(0, 13).toUpperCase())).toMatchObject([found]);
  expect(await begins(randomUUID())).toEqual([]);
  expect((await begins('')).length).toBeGreaterThan(1);
});

test('accounts are listed with what lives in them', async () => {
  const { accountId, connectionId } = mine;
  const counts = async () => (await listAccounts(store.owner)).find(({ id }) => id === accountId);
  expect(await counts()).toMatchObject({ organizations: 1, connections: 1, timeZone: 'UTC', billingBasis: 'closing' });
  await store.owner.pool.query(`update connections set state = 'disconnected' where id = $1`, [connectionId]);
  expect(await counts()).toMatchObject({ organizations: 1, connections: 0 });
});
