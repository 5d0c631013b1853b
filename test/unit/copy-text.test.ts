import { expect, test } from 'vitest';
import { copyPieces, type CopyValue } from '../../src/store/copy-text.js';

const copyText = (accountId: string, rows: readonly (readonly CopyValue[])[]): string =>
  Buffer.concat([...copyPieces(accountId, rows)]).toString();

test.each<[CopyValue, string]>([
  [null, '\\N'],
  ['', ''],
  ['plain', 'plain'],
  ['\\N', '\\\\N'],
  ['\\.', '\\\\.'],
  ['a\tb\nc\rd', 'a\\tb\\nc\\rd'],
  ['C:\\new', 'C:\\\\new'],
  ['é🦊', 'é🦊'],
  [0, '0'],
  [-1, '-1'],
  [true, 't'],
  [false, 'f'],
  [[], '{}'],
  [['process', 'file'], '{"process","file"}'],
  [['a"b', 'c\\d', 'e,f', '{}', 'NULL', ''], '{"a\\\\"b","c\\\\\\\\d","e,f","{}","NULL",""}'],
  [['tab\there'], '{"tab\\there"}'],
])('%j is written as %s', (value, expected) => {
  expect(copyText('account', [[value]])).toBe(`account\t${expected}\n`);
});

test('plain bytes are copied between the other values', () => {
  const bytes = Buffer.from('before é🦊x after');
  const from = Buffer.byteLength('before ');
  const plain = { bytes, from, to: bytes.length - ' after'.length };
  expect(copyText('mine', [['a', plain, null], [plain]])).toBe('mine\ta\té🦊x\t\\N\nmine\té🦊x\n');
});

test('every row starts with the account, whatever is in it, and has its values in order', () => {
  const rows = [
    ['a', null, 1],
    ['other account\t', 'b', 2],
  ];
  expect(copyText('mine', rows)).toBe('mine\ta\t\\N\t1\nmine\tother account\\t\tb\t2\n');
});

test('no rows are no text', () => {
  expect(copyText('mine', [])).toBe('');
});

test('pieces of any length, with any characters, are together every row once and in order', () => {
  const rows = Array.from({ length: 600 }, (_, index) => [
    index,
    'é🦊x'.repeat(index % 200),
    index % 97 === 0 ? 'ü'.repeat(100_000) : null,
  ]);
  const pieces = [...copyPieces('mine', rows)];
  expect(pieces.length).toBeGreaterThan(2);
  const lines = Buffer.concat(pieces).toString().split('\n');
  expect(lines.pop()).toBe('');
  expect(lines).toEqual(rows.map(([index, text, long]) => `mine\t${index}\t${text}\t${long ?? '\\N'}`));
});
