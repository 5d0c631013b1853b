import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConsoleInstant, parseInstant, toInstant, toMicros } from '../../../src/domain/instant.js';

test.each([
  ['2026-01-15T09:00:00.123456Z', '2026-01-15T09:00:00.123456Z'],
  ['2026-01-15T09:00:00Z', '2026-01-15T09:00:00.000000Z'],
  ['2026-01-15T09:00:00.1Z', '2026-01-15T09:00:00.100000Z'],
  ['2026-01-15T09:00:00.000001Z', '2026-01-15T09:00:00.000001Z'],
  ['2026-01-15T09:00:00.1234569Z', '2026-01-15T09:00:00.123456Z'],
  ['2026-01-15T09:00:00.123456+05:30', '2026-01-15T03:30:00.123456Z'],
  ['2026-01-15T09:00:00.123456-0800', '2026-01-15T17:00:00.123456Z'],
  ['2026-01-15T24:00:00Z', '2026-01-16T00:00:00.000000Z'],
  ['2026-01-15T24:00:00.000000Z', '2026-01-16T00:00:00.000000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000000Z'],
  ['2024-02-29T00:00:00.000001Z', '2024-02-29T00:00:00.000001Z'],
  ['2026-12-31T23:59:59.999999Z', '2026-12-31T23:59:59.999999Z'],
  ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000000Z'],
  ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000000Z'],
])('%s is %s', (text, expected) => {
  expect(toInstant(toMicros(text))).toBe(expected);
});

describe('no instant', () => {
  test.each([
    '', 'now', '2026-01-15', '2026-01-15T09:00Z', '2026-01-15T09:00:00', '2026-01-15 09:00:00Z', '2026-01-15T09:00:00.Z',
    '2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-01-00T00:00:00Z', '2025-02-29T00:00:00Z',
    '2026-01-15T25:00:00Z', '2026-01-15T24:00:01Z', '2026-01-15T09:60:00Z', '2026-12-31T23:59:60Z', '2026-01-15T09:00:00.1234567890Z',
    '2026-02-29T00:00:00.000000Z', '2026-13-01T00:00:00.000000Z', '2026-01-32T00:00:00.000000Z', '2026-01-00T00:00:00.000000Z',
    '2026-01-15T24:00:01.000000Z', '2026-01-15T09:60:00.000000Z', '2026-01-15T09:00:60.000000Z', '2026-01-15T09:00:00.00000xZ',
    '2026-01-15T09:00:00+25:00', '+002026-01-15T09:00:00Z', ' 2026-01-15T09:00:00Z', '2026-01-15T09:00:00Z\n',
  ])('is %j', (text) => {
    expect(parseInstant(text)).toBeNull();
    expect(() => toMicros(text)).toThrow(RangeError);
  }); // prettier-ignore

  // Neither four digits nor PostgreSQL can hold these, so one such row must not get as far as a column.
  test.each([
    '0000-01-01T00:00:00Z',
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:30:00+01:00',
    '9999-12-31T23:30:00-01:00',
    '9999-12-31T23:59:59.999999Z',
  ])('is %j, at the end of the years', (text) => {
    expect(parseInstant(text)).toBeNull();
  });
});

test.each([
  ['2026-01-15T09:00:00.123456', '2026-01-15T09:00:00.123456Z'],
  ['2026-01-15T09:00:00', '2026-01-15T09:00:00Z'],
  ['2026-01-15T10:00:00+01:00', '2026-01-15T09:00:00Z'],
])('of a console %s is %s, of a person only what names its zone', (text, instant) => {
  expect(parseConsoleInstant(text)).toBe(toMicros(instant));
  expect(parseInstant(text)).toBe(text.includes('+') ? toMicros(instant) : null);
});

test.each(['', 'Z', 'now', '2026-01-15', '2026-01-15T09:00:00ZZ', '2026-02-30T00:00:00'])(
  'of a console %j is no instant either',
  (text) => {
    expect(parseConsoleInstant(text)).toBeNull();
  },
);

test('every microsecond of two centuries comes back as it was', () => {
  const micros = fc.integer({ min: toMicros('1900-01-01T00:00:00Z'), max: toMicros('2200-01-01T00:00:00Z') });
  fc.assert(
    fc.property(micros, (value) => {
      expect(toMicros(toInstant(value))).toBe(value);
    }),
    { seed: 20260115 },
  );
});

test('whatever parses can be written again', () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
  const text = fc
    .tuple(
      digits(4),
      digits(2),
      digits(2),
      digits(2),
      digits(2),
      digits(2),
      fc.constantFrom('Z', '+14:00', '-12:00', '.999999Z'),
    )
    .map(
      ([year, month, day, hour, minute, second, zone]) => `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`,
    );
  fc.assert(
    fc.property(text, (value) => {
      const micros = parseInstant(value);
      if (micros !== null) expect(toInstant(micros)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    }),
    { seed: 20260115, numRuns: 2_000 },
  );
});
