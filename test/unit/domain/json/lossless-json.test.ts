import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayHoldBigNumber, parseLosslessJson } from '../../../../src/domain/json/lossless-json.js';

describe('numbers', () => {
  test.each([
    ['{"a":1400000000000000999}', { a: '1400000000000000999' }],
    ['{"a": -1400000000000000999 }', { a: '-1400000000000000999' }],
    ['{"a":[1400000000000000999,1,1400000000000000998]}', { a: ['1400000000000000999', 1, '1400000000000000998'] }],
    ['{"a":9007199254740991}', { a: 9007199254740991 }],
    ['{"a":9007199254740992}', { a: '9007199254740992' }],
    ['{"a":-9007199254740993}', { a: '-9007199254740993' }],
    ['{"a":1400000000000000999.5}', { a: '1400000000000000999.5' }],
    ['{"a":1000000000005933.1}', { a: 1000000000005933.1 }],
    [
      '{"a":0.1400000000000000999,"b":1400000000000000999}',
      { a: Number('0.1400000000000000999'), b: '1400000000000000999' },
    ],
    ['{"a":1e0000000000000000001,"b":1400000000000000999}', { a: 10, b: '1400000000000000999' }],
    ['{"a":1E-0000000000000000001,"b":1400000000000000999}', { a: 0.1, b: '1400000000000000999' }],
    [
      '{"a":"x: 1400000000000000999","b":1400000000000000999}',
      { a: 'x: 1400000000000000999', b: '1400000000000000999' },
    ],
    [
      '{"a":"\\": 1400000000000000999,","b":1400000000000000999}',
      { a: '": 1400000000000000999,', b: '1400000000000000999' },
    ],
    ['{"a\\\\":1400000000000000999}', { 'a\\': '1400000000000000999' }],
    ['1400000000000000999', '1400000000000000999'],
  ])('%s', (text, value) => {
    expect(parseLosslessJson(text)).toEqual(value);
  });

  test('a quoted id costs nothing', () => {
    expect(mayHoldBigNumber('{"id":"1400000000000000999"}')).toBe(false);
  });
});

test('whatever JSON.parse keeps exactly is the same here', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      fc.pre(!mayHoldBigNumber(text));
      expect(parseLosslessJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('every integer beyond 2^53 keeps its digits, whatever surrounds it', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      (big, text, negative) => {
        const digits = `${negative ? '-' : ''}${big}`;
        const page = `{"before":${JSON.stringify(text)},"big":${digits},"after":[${JSON.stringify(text)},${digits}]}`;
        expect(parseLosslessJson(page)).toEqual({ before: text, big: digits, after: [text, digits] });
      },
    ),
  );
});

test.each([
  '',
  '{',
  '{"a":1400000000000000999',
  '{"a":1400000000000000999x}',
  '{"a":01400000000000000999}',
  '{"a":-01400000000000000999}',
  '{"a":--1400000000000000999}',
  '{"a":1400000000000000999.}',
  '{"a":1400000000000000999e}',
  '{"a":1400000000000000999,"b":"open',
  '{"a":1400000000000000999,"b":"open\\"',
])('garbage is refused, not repaired: %s', (text) => {
  expect(() => parseLosslessJson(text)).toThrow(SyntaxError);
});

test('a text is accepted exactly when JSON.parse accepts it', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '"a"',
    '-',
    '.',
    'e',
    '0',
    '1400000000000000999',
    ' ',
    'null',
  );
  const isJson = (parse: (text: string) => unknown, text: string) => {
    try {
      parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
      (text) => {
        expect(isJson(parseLosslessJson, text)).toBe(isJson(JSON.parse, text));
      },
    ),
    { numRuns: 20_000 },
  );
});
