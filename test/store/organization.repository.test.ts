import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { lockLivingOrganizations } from '../../src/store/people/organization.repository.js';
import { anAccount, anOrganization } from '../support/builders.js';
import { hold, untilWaiting } from './support/sessions.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as, query } = store;

describe('organizations', () => {
  test('that are deleted or foreign are not living; those that live stay so until the transaction ends', async () => {
    const account = await anAccount(store.owner);
    const stranger = await anAccount(store.owner);
    const gone = await anOrganization(store.owner, account);
    await query('update organizations set deleted_at = now() where id = $1', [gone]);
    const unknown = randomUUID();
    const locked = Promise.withResolvers<string[]>();
    const end = Promise.withResolvers<void>();
    const locking = as(account, async (tenant) => {
      locked.resolve(
        await lockLivingOrganizations(tenant, [account.organizationId, gone, stranger.organizationId, unknown]),
      );
      await end.promise;
    });
    expect(await locked.promise).toEqual([gone, stranger.organizationId, unknown]);
    const deleting = as(account, ({ client }) =>
      client.query('select 1 from organizations where id = $1 for update', [account.organizationId]),
    );
    await untilWaiting(store.owner, 1);
    end.resolve();
    await Promise.all([locking, deleting]);
  });

  test('that are being deleted are waited for and then found dead', async () => {
    const account = await anAccount(store.owner);
    const deletion = await hold(store.url, 'select 1 from organizations where id = $1 for update', [
      account.organizationId,
    ]);
    const locking = as(account, (tenant) => lockLivingOrganizations(tenant, [account.organizationId]));
    await untilWaiting(store.owner, 1);
    await deletion.commit('update organizations set deleted_at = now() where id = $1', [account.organizationId]);
    expect(await locking).toEqual([account.organizationId]);
  });
});
