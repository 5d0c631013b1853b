import { expect, test } from 'vitest';
import {
  isConnectionMissing,
  isDeadlock,
  isMissingPartition,
  isUniqueViolation,
  isUnstorable,
  storeFailure,
} from '../../../src/store/pg-errors.js';

const withCode = (code: string, more: object = {}) => Object.assign(new Error('text nobody reads'), { code, ...more });

test.each([
  ['a unique violation', withCode('23505'), 'store.conflict'],
  ['a deadlock', withCode('40P01'), 'store.unavailable'],
  ['a serialization failure', withCode('40001'), 'store.unavailable'],
  ['a session that idled in a transaction', withCode('25P03'), 'store.unavailable'],
  ['an administrator’s shutdown', withCode('57P01'), 'store.unavailable'],
  ['a server that starts up', withCode('57P03'), 'store.unavailable'],
  ['too many connections', withCode('53300'), 'store.unavailable'],
  ['a full disk', withCode('53100'), 'store.unavailable'],
  ['a broken connection', withCode('08006'), 'store.unavailable'],
  ['an I/O error', withCode('58030'), 'store.unavailable'],
  ['a refused connection', withCode('ECONNREFUSED'), 'store.unavailable'],
  ['a reset connection', withCode('ECONNRESET'), 'store.unavailable'],
  ['a name that does not resolve', withCode('ENOTFOUND'), 'store.unavailable'],
  ['a connection that ended', new Error('Connection terminated unexpectedly'), 'store.unavailable'],
  ['a pool that is full', new Error('timeout exceeded when trying to connect'), 'store.unavailable'],
  ['a dead client', new Error('Client has encountered a connection error and is not queryable'), 'store.unavailable'],
  ['a syntax error', withCode('42601'), null],
  ['a foreign key', withCode('23503'), null],
  ['a missing permission', withCode('42501'), null],
  ['a wrong password', withCode('28P01'), null],
  ['any other error', new Error('boom'), null],
  ['no error', undefined, null],
  ['a text', 'Connection terminated', null],
  ['a code that is a number', { code: 23505 }, null],
])('%s is %s', (_, error, expected) => {
  expect(storeFailure(error)).toBe(expected);
});

test('a unique violation can be told by its constraint', () => {
  const error = withCode('23505', { constraint: 'one' });
  expect([isUniqueViolation(error), isUniqueViolation(error, 'one'), isUniqueViolation(error, 'two')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(isUniqueViolation(withCode('23503', { constraint: 'one' }), 'one')).toBe(false);
});

test('a row without a partition is told from a check that failed', () => {
  expect(isMissingPartition(withCode('23514'))).toBe(true);
  expect(isMissingPartition(withCode('23514', { constraint: 'positive' }))).toBe(false);
  expect(isMissingPartition(withCode('42P01'))).toBe(false);
});

test('deadlocks, unstorable values and missing connections are told from the rest', () => {
  expect([isDeadlock(withCode('40P01')), isDeadlock(withCode('40001'))]).toEqual([true, false]);
  expect([isUnstorable(withCode('22021')), isUnstorable(withCode('23514')), isUnstorable(withCode('23505'))]).toEqual([
    true,
    true,
    false,
  ]);
  const foreignKey = (constraint: string) => isConnectionMissing(withCode('23503', { constraint }));
  expect([
    foreignKey('sites_account_id_connection_id_fkey'),
    foreignKey('site_mappings_account_id_organization_id_fkey'),
  ]).toEqual([true, false]);
});
