import { describe, expect, test } from 'vitest';
import { readActivity } from '../../../../src/domain/ecs/read-activity.js';
import { toInstant } from '../../../../src/domain/instant.js';
import { anActivity, BOUNDS, type Fields, rawActivity } from './sample.js';

const reasonOf = (fields: Fields) => {
  const result = readActivity(rawActivity(fields), BOUNDS);
  return result.ok ? 'ok' : result.reason;
};

describe('a reject', () => {
  test.each([null, undefined, 7, 'text', true, [], [{ id: '1' }]])('is %j, which is no object', (value) => {
    const raw = { text: '', value: value as unknown as Fields };
    expect(readActivity(raw, BOUNDS)).toEqual({ ok: false, reason: 'not_an_object' });
  });

  test.each([null, '', 'None', 'null', ' ', '1 2', '1\0', '9'.repeat(65), -1, 1.5, 1e21, true, {}, ['1']])(
    'has the id %j, which is none',
    (id) => {
      expect(reasonOf({ id })).toBe('no_id');
    },
  );

  test.each([null, '', 'yesterday', '2026-01-15', '2026-02-30T00:00:00Z', 1768467600, {}, ['2026-01-15T09:00:00Z']])(
    'has the time %j, which is none',
    (createdAt) => {
      expect(reasonOf({ createdAt })).toBe('no_time');
    },
  );

  test('has a time outside the bounds, both of which are inside', () => {
    const at = (micros: number) => reasonOf({ createdAt: toInstant(micros) });
    expect(at(BOUNDS.earliestMicros - 1)).toBe('time_out_of_range');
    expect(at(BOUNDS.earliestMicros)).toBe('ok');
    expect(at(BOUNDS.latestMicros)).toBe('ok');
    expect(at(BOUNDS.latestMicros + 1)).toBe('time_out_of_range');
  });
});

describe('the account', () => {
  const of = (accountId: unknown, s1AccountId = '17') => {
    const result = readActivity(rawActivity({ accountId }), { ...BOUNDS, s1AccountId });
    return result.ok ? 'ok' : result.reason;
  };

  test.each(['17', 17, null, undefined, ''])('%j is the one that was asked about, or says nothing', (accountId) => {
    expect(of(accountId)).toBe('ok');
  });

  test.each(['18', 18, '017', ' 17', {}, true])('%j is another one', (accountId) => {
    expect(of(accountId)).toBe('other_account');
  });
});

describe('the id', () => {
  test.each([
    ['1400000000000000001', '1400000000000000001'],
    [17, '17'],
    ['9d4f1b1e-7f0e-4c55-9a51-8e2c9b9f0a11', '9d4f1b1e-7f0e-4c55-9a51-8e2c9b9f0a11'],
  ])('%j is read as %j', (id, expected) => {
    expect(anActivity({ id }).id).toBe(expected);
  });
});

describe('the time', () => {
  test.each([
    ['2026-01-15T09:00:00.123456Z', '2026-01-15T09:00:00.123456Z'],
    ['2026-01-15T09:00:00Z', '2026-01-15T09:00:00.000000Z'],
    ['2026-01-15T09:00:00.1Z', '2026-01-15T09:00:00.100000Z'],
    ['2026-01-15T09:00:00.123456789Z', '2026-01-15T09:00:00.123456Z'],
    ['2026-01-15T10:00:00.123456+01:00', '2026-01-15T09:00:00.123456Z'],
    ['2026-01-15T24:00:00.000000Z', '2026-01-16T00:00:00.000000Z'],
    ['2026-01-15T09:00:00.123456', '2026-01-15T09:00:00.123456Z'],
    ['2026-01-15T09:00:00', '2026-01-15T09:00:00.000000Z'],
  ])('%s is %s', (createdAt, expected) => {
    const activity = anActivity({ createdAt });
    expect(activity.createdAt).toBe(expected);
    expect(toInstant(activity.createdAtMicros)).toBe(expected);
  });
});

describe('the type', () => {
  test.each([
    [27, 27],
    ['27', 27],
    [0, 0],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31, null],
    ['99999999999', null],
    [-1, null],
    [2.5, null],
    ['', null],
    ['login', null],
    [null, null],
    [{}, null],
  ])('%j is read as %j', (activityType, expected) => {
    expect(anActivity({ activityType }).activityType).toBe(expected);
  });
});

describe('where it belongs', () => {
  test.each([
    ['1100000000000000001', '1100000000000000001'],
    [11, '11'],
    ['', null],
    [null, null],
    ['None', 'None'],
    [{ id: 1 }, 'not an id: object'],
    [false, 'not an id: boolean'],
    ['1'.repeat(5000), '1'.repeat(64)],
  ])('site %j is %j: an odd one stays a site, so that it cannot reach the default organization', (siteId, expected) => {
    expect(anActivity({ siteId }).siteId).toBe(expected);
  });

  test('is read from the top first, and the names from data where the top has none', () => {
    const data = { siteName: 'HQ', accountName: 'Acme Ltd' };
    expect(anActivity({ siteName: null, accountName: '', data })).toMatchObject({
      siteName: 'HQ',
      accountName: 'Acme Ltd',
    });
    expect(anActivity({ siteName: 'Top', data })).toMatchObject({ siteName: 'Top', accountName: 'Acme' });
  });

  test.each([null, 'text', 7, ['a'], undefined])('data that is %j counts as empty', (data) => {
    expect(anActivity({ data }).data).toEqual({});
  });
});
