// The client over replies that nobody promised: whatever shape a row has, it costs itself and never a readable one, and
// what is dropped is counted; whatever bytes a page is, it is read or refused with a code.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseActivityPage } from '../../../src/sentinelone/calls/activity-page.js';
import { createRowReader, isWholeList } from '../../../src/sentinelone/calls/readable-rows.js';
import { account, activityType, agent, site } from '../../../src/sentinelone/calls/shapes.js';
import { SentinelOneError } from '../../../src/sentinelone/sentinelone-error.js';

const RECORDED = {
  sites: { id: '225494730938493804', name: 'HQ', accountId: '1', accountName: 'A', state: 'active', activeLicenses: 4 },
  agents: { id: '13491234109', siteId: '225494730938493804', siteName: 'HQ', computerName: 'pc', accountId: '1' },
  accounts: { id: '1', name: 'Acme', state: 'active' },
  'activities/types': { id: 27, action: 'User Logged In', descriptionTemplate: null },
};
const SHAPES = { sites: site, agents: agent, accounts: account, 'activities/types': activityType };

/** A recorded row of which some members are something else, or missing. */
const oddRow = (recorded: object) =>
  fc
    .dictionary(fc.constantFrom(...Object.keys(recorded)), fc.option(fc.jsonValue(), { nil: undefined }))
    .map((odd) => ({
      ...recorded,
      ...odd,
    }));

test.each(Object.keys(SHAPES) as (keyof typeof SHAPES)[])('no row of %s costs another', (endpoint) => {
  const good = { row: RECORDED[endpoint] as unknown, isGood: true };
  const rows = fc.array(
    fc.oneof(
      fc.constant(good),
      oddRow(RECORDED[endpoint]).map((row) => ({ row: row as unknown, isGood: false })),
      fc.jsonValue().map((row) => ({ row: row as unknown, isGood: false })),
    ),
  );
  fc.assert(
    fc.property(rows, (given) => {
      const reader = createRowReader();
      const read = reader.read(
        endpoint,
        SHAPES[endpoint] as (typeof SHAPES)['agents'],
        given.map(({ row }) => row),
      );
      const [tally = { left: 0, partly: 0 }] = reader.unreadable();
      expect(read.length + tally.left).toBe(given.length);
      expect(tally.partly).toBeLessThanOrEqual(read.length);
      expect(isWholeList(reader, endpoint)).toBe(tally.left === 0);
      const whole = SHAPES[endpoint].parse(RECORDED[endpoint]);
      const same = read.filter((row) => JSON.stringify(row) === JSON.stringify(whole)).length;
      expect(same).toBeGreaterThanOrEqual(given.filter(({ isGood }) => isGood).length);
    }),
  );
});

const PAGE = JSON.stringify({
  data: [{ id: '1', createdAt: '2026-01-01T00:00:00.000000Z', activityType: 27 }, { id: '2' }, null, 'text'],
  pagination: { nextCursor: 'c', totalItems: 4 },
});

test('a page of activities of whatever bytes is read or refused, row by row', () => {
  const damaged = fc
    .tuple(fc.nat(PAGE.length), fc.nat(PAGE.length), fc.string())
    .map(([from, to, text]) => Buffer.from(PAGE.slice(0, Math.min(from, to)) + text + PAGE.slice(Math.max(from, to))));
  const bytes = fc.oneof(
    damaged,
    fc.json().map((text) => Buffer.from(text)),
    fc.uint8Array().map((raw) => Buffer.from(raw)),
  );
  fc.assert(
    fc.property(bytes, (reply) => {
      try {
        for (const row of parseActivityPage(reply).rows) row.read();
      } catch (error) {
        expect(error).toBeInstanceOf(SentinelOneError);
        expect(error).toMatchObject({ code: 's1.bad_response' });
      }
    }),
  );
});
