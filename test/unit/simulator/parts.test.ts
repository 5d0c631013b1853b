// The simulator's own arithmetic: ids, instants, bare numbers, and the log that merges late rows.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ActivityLog, NONE } from '../../../simulator/activities/activity-log.js';
import { bareNumber, writeJson } from '../../../simulator/http/json.js';
import { readSnowflake, rowUuid, slotOfUuid, snowflake } from '../../../simulator/world/ids.js';
import { readInstant, writeInstant } from '../../../simulator/world/instants.js';

const MS_2017 = 1483228800000;
const MICROS_2026 = 1767225600000000;

describe('ids', () => {
  test('are the decimal text of (ms << 23) | sequence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e11 }), fc.integer({ min: 0, max: 2 ** 23 - 1 }), (ms, sequence) => {
        const id = snowflake(MS_2017 + ms, sequence);
        expect(id).toBe(((BigInt(ms) << 23n) | BigInt(sequence)).toString());
        expect(readSnowflake(id)).toEqual({ ms: MS_2017 + ms, sequence });
      }),
      {
        numRuns: 2_000,
        examples: [
          [0, 0],
          [0, 999_999],
          [0, 1_000_000],
          [1, 0],
        ],
      },
    );
  });

  test('of a row are a version 4 UUID that holds the slot', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed, slot) => {
        const uuid = rowUuid(seed, slot);
        expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(slotOfUuid(seed, uuid)).toBe(slot);
      }),
    );
  });
});

test('instants keep their microseconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e15 }), (micros) => {
      expect(readInstant(writeInstant(micros))).toBe(micros);
      expect(writeInstant(micros).slice(0, 23)).toBe(new Date(Math.floor(micros / 1000)).toISOString().slice(0, 23));
    }),
  );
});

test('a bare number keeps every digit and stands without quotes', () => {
  expect(writeJson({ a: bareNumber('12345678901234567890'), b: 'x', c: undefined })).toBe(
    '{"a":12345678901234567890,"b":"x"}',
  );
});

test('the log is sorted by createdAt and id, in whatever order and portions rows come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }), { maxLength: 30 }),
      (portions) => {
        const log = new ActivityLog(1);
        for (const portion of portions) {
          log.append(
            portion.map((n) => ({
              createdAtMicros: MICROS_2026 + n,
              kind: 0,
              account: 0,
              site: NONE,
              agent: NONE,
              hidden: false,
              threatSlot: NONE,
            })),
          );
        }
        const sorted = [...log.sorted.subarray(0, log.size)];
        expect(sorted.toSorted((a, b) => a - b)).toEqual([...sorted.keys()]);
        expect(sorted.every((slot, n) => n === 0 || log.compare(log.at(log.sorted, n - 1), slot) < 0)).toBe(true);
        for (const slot of sorted) {
          expect(log.slotOf(log.idOf(slot) ?? '')).toBe(slot);
          expect(log.placeOfSlot(slot)).toBe(sorted.indexOf(slot));
        }
      },
    ),
    { numRuns: 40 },
  );
});
