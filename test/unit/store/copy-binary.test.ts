import { expect, test } from 'vitest';
import { type CopyColumns, copyPieces } from '../../../src/store/copy/copy-binary.js';
import type { CopyType, CopyValue } from '../../../src/store/copy/field-writer.js';

const ACCOUNT = '00112233-4455-6677-8899-aabbccddeeff';
const ACCOUNT_HEX = '00000010' + '00112233445566778899aabbccddeeff';
const HEADER_HEX = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1').toString('hex') + '0000000000000000';
const TRAILER_HEX = 'ffff';

const columnsOf = (types: readonly CopyType[]): CopyColumns => types.map((type, n) => [`column_${n}`, type]);

const body = (types: readonly CopyType[], rows: readonly (readonly CopyValue[])[]): string =>
  Buffer.concat([...copyPieces({ accountId: ACCOUNT, columns: columnsOf(types) }, rows)]).toString('hex');

/** The hexadecimal of one value, length included, as it stands in a row of its own. */
function written(type: CopyType, value: CopyValue): string {
  const hex = body([type], [[value]]);
  const start = `${HEADER_HEX}0002${ACCOUNT_HEX}`;
  expect(hex.slice(0, start.length)).toBe(start);
  expect(hex.endsWith(TRAILER_HEX)).toBe(true);
  return hex.slice(start.length, -TRAILER_HEX.length);
}

const lengthAnd = (bytes: Buffer): string => bytes.length.toString(16).padStart(8, '0') + bytes.toString('hex');
const long = 'a'.repeat(48);

test.each<[CopyType, CopyValue, string]>([
  ['text', null, 'ffffffff'],
  ['uuid', null, 'ffffffff'],
  ['text[]', null, 'ffffffff'],
  ['text', '', '00000000'],
  ['text', 'plain', lengthAnd(Buffer.from('plain'))],
  ['text', '\\N\t\n\r\\.', lengthAnd(Buffer.from('\\N\t\n\r\\.'))],
  ['text', 'é🦊', lengthAnd(Buffer.from('é🦊'))],
  ['text', 'ab\u0080', lengthAnd(Buffer.from('ab\u0080'))],
  ['text', long, lengthAnd(Buffer.from(long))],
  ['text', `${long}b`, lengthAnd(Buffer.from(`${long}b`))],
  ['text', `${long}é`, lengthAnd(Buffer.from(`${long}é`))],
  ['int4', 0, '00000004' + '00000000'],
  ['int4', -1, '00000004' + 'ffffffff'],
  ['int4', 2 ** 31 - 1, '00000004' + '7fffffff'],
  ['int2', 99, '00000002' + '0063'],
  ['bool', true, '0000000101'],
  ['bool', false, '0000000100'],
  ['uuid', 'FFFFFFFF-0000-4000-8000-00000000000A', '00000010' + 'ffffffff00004000800000000000000a'],
  ['timestamptz', Date.UTC(2000, 0, 1) * 1000, '00000008' + '0000000000000000'],
  ['timestamptz', Date.UTC(2000, 0, 1) * 1000 - 1, '00000008' + 'ffffffffffffffff'],
  ['timestamptz', Date.UTC(2000, 0, 1) * 1000 + 2 ** 40 + 5, '00000008' + '0000010000000005'],
  ['text[]', [], '0000000c' + '000000000000000000000019'],
  ['text[]', ['a', 'NULL'], '00000021' + '00000001' + '00000000' + '00000019' + '00000002' + '00000001' + '0000000161' + lengthAnd(Buffer.from('NULL'))],
])('%s: %j is written as %s', (type, value, expected) => {
  expect(written(type, value)).toBe(expected);
}); // prettier-ignore

test("an activity's bytes are copied as they stand, between the other values", () => {
  const bytes = Buffer.from('before é🦊\\x after');
  const plain = { bytes, from: Buffer.byteLength('before '), to: bytes.length - ' after'.length };
  const row = `0003${ACCOUNT_HEX}${lengthAnd(Buffer.from('é🦊\\x'))}${lengthAnd(Buffer.from('z'))}`;
  expect(body(['text', 'text'], [[plain, 'z']])).toBe(HEADER_HEX + row + TRAILER_HEX);
});

test.each<[string, CopyType, CopyValue]>([
  ['a UUID', 'uuid', 'no-uuid'],
  ['a 32-bit integer', 'int4', 2 ** 31],
  ['a 16-bit integer', 'int2', 2 ** 15],
  ['a number of microseconds', 'timestamptz', NaN],
  ['one that a number holds exactly', 'timestamptz', 2 ** 54],
])('what is not %s is refused', (_what, type, value) => {
  expect(() => body([type], [[value]])).toThrow(RangeError);
});

test('a row of another length than the columns is refused', () => {
  expect(() => body(['text', 'text'], [['one']])).toThrow(RangeError);
});

test('no rows are an empty body', () => {
  expect(body(['text'], [])).toBe(HEADER_HEX + TRAILER_HEX);
});

test('pieces of any length, with any characters, are together every row once and in order', () => {
  const rows = Array.from({ length: 600 }, (_, index) => [
    String(index),
    'é🦊x'.repeat(index % 200),
    index % 97 === 0 ? 'ü'.repeat(100_000) : null,
  ]);
  const pieces = [...copyPieces({ accountId: ACCOUNT, columns: columnsOf(['text', 'text', 'text']) }, rows)];
  expect(pieces.length).toBeGreaterThan(2);
  expect(textsOf(Buffer.concat(pieces))).toEqual(rows);
});

/** Reads a body of text columns back, by the format's description. */
function textsOf(bytes: Buffer): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let at = HEADER_HEX.length / 2;
  for (let fields = bytes.readInt16BE(at); fields !== -1; fields = bytes.readInt16BE(at)) {
    at += 2;
    const row: (string | null)[] = [];
    for (let n = 0; n < fields; n++) {
      const length = bytes.readInt32BE(at);
      at += 4;
      row.push(length === -1 ? null : bytes.toString('utf8', at, at + length));
      at += Math.max(length, 0);
    }
    rows.push(row.slice(1));
  }
  expect(at).toBe(bytes.length - 2);
  return rows;
}
