import { describe, expect, test } from 'vitest';
import { findCommand, once } from '../../src/store/connections/command.repository.js';
import { addToTimeline } from '../../src/store/connections/timeline.repository.js';
import { isUniqueViolation } from '../../src/store/pg-errors.js';
import { aConnection, type ConnectionRef } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as, query } = store;

describe('a command', () => {
  const commandOf = ({ connectionId }: ConnectionRef) => ({ connectionId, commandId: 'c1', kind: 'pause' });

  test('is carried out once, and every repeat returns what was committed then', async () => {
    const connection = await aConnection(store.owner);
    const command = commandOf(connection);
    let done = 0;
    const attempt = () =>
      as(connection, (tenant) => once(tenant, command, () => Promise.resolve({ done: ++done, someKey: 'kept' })));
    expect(await attempt()).toEqual({ done: 1, someKey: 'kept' });
    expect(await attempt()).toEqual({ done: 1, someKey: 'kept' });
    expect(await as(connection, (tenant) => findCommand(tenant, command))).toEqual({ done: 1, someKey: 'kept' });
  });

  test('of another kind under the same id is refused', async () => {
    const connection = await aConnection(store.owner);
    const command = commandOf(connection);
    await as(connection, (tenant) => once(tenant, command, () => Promise.resolve({})));
    const other = as(connection, (tenant) => once(tenant, { ...command, kind: 'resume' }, () => Promise.resolve({})));
    await expect(other).rejects.toThrow('command c1 was a pause, not a resume');
  });

  test('that fails is not remembered', async () => {
    const connection = await aConnection(store.owner);
    const fail = as(connection, (tenant) => once(tenant, commandOf(connection), () => Promise.reject(new Error('no'))));
    await expect(fail).rejects.toThrow('no');
    expect(await as(connection, (tenant) => findCommand(tenant, commandOf(connection)))).toBeUndefined();
  });

  test('twice at the same time is carried out once: the loser has changed nothing and finds the result', async () => {
    const connection = await aConnection(store.owner);
    const both = Promise.withResolvers<void>();
    let started = 0;
    const attempt = (name: string) =>
      as(connection, (tenant) =>
        once(tenant, commandOf(connection), async () => {
          if (++started === 2) both.resolve();
          await both.promise;
          await addToTimeline(tenant, { connectionId: connection.connectionId, kind: 'pause', outcome: name });
          return { name };
        }),
      );
    const results = await Promise.allSettled([attempt('one'), attempt('two')]);
    const [winner] = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const [loss] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(isUniqueViolation(loss)).toBe(true);
    expect(await attempt('three')).toEqual(winner);
    const rows = await query('select outcome from connection_timeline where account_id = $1', [connection.accountId]);
    expect(rows).toEqual([{ outcome: winner?.name }]);
  });
});
