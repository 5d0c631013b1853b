import { expect, test } from 'vitest';
import { line } from '../../../src/api/http/schemas.js';

const name = line(20);

test.each([
  ['Acme GmbH & Co. KG'],
  ['Ĳsselmeer'],
  ['e\u0301lan, decomposed'],
  ['株式会社'],
  ['شركة'],
  ['Fish \u{1f41f}\ufe0f'],
  ['a\u00a0b'],
])('%j is a name', (text) => {
  expect(name.parse(` ${text}\t`)).toBe(text);
});

test.each([
  ['nothing', ''],
  ['white space', ' \u3000\u00a0 '],
  ['a control character', 'a\u0007b'],
  ['one of the upper ones', 'a\u0085b'],
  ['a line separator', 'a\u2028b'],
  ['a zero-width space', 'Ac\u200bme'],
  ['a soft hyphen', 'Ac\u00adme'],
  ['a byte order mark within', 'Ac\ufeffme'],
  ['a bidirectional override', 'fdp.\u202eexe'],
  ['a tag character', 'Acme\u{e0041}'],
  ['what could not be read', 'M\ufffdller'],
  ['half a character', 'a\ud800'],
  ['a filler alone', '\u3164'],
  ['an empty braille cell alone', '\u2800'],
  ['a mark on nothing', '\u0301'],
  ['a variation selector alone', '\ufe0f'],
])('%s makes no name', (_, text) => {
  expect(name.safeParse(text).success).toBe(false);
});
