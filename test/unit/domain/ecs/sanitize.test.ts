import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, isClean, sanitizeText } from '../../../../src/domain/ecs/sanitize.js';

describe('JSON text', () => {
  test.each([
    [String.raw`{"a":"\u0000"}`, String.raw`{"a":"\ufffd"}`],
    [String.raw`{"a":"x\ud800y"}`, String.raw`{"a":"x\ufffdy"}`],
    [String.raw`{"a":"\uDC00"}`, String.raw`{"a":"\ufffd"}`],
    [String.raw`{"a":"\ud800\ud83d\ude00"}`, String.raw`{"a":"\ufffd\ud83d\ude00"}`],
    [String.raw`{"a":"\ud83d\u0041"}`, String.raw`{"a":"\ufffd\u0041"}`],
    [String.raw`{"a":"\\\u0000"}`, String.raw`{"a":"\\\ufffd"}`],
    [String.raw`{"\u0000":1}`, String.raw`{"\ufffd":1}`],
    ['{"a":"x\ud800"}', '{"a":"x\ufffd"}'],
  ])('%s becomes %s', (text, expected) => {
    expect(sanitizeText(text)).toBe(expected);
  });

  test.each([
    '{}',
    String.raw`{"a":"\\u0000"}`,
    String.raw`{"a":"\\ud800"}`,
    String.raw`{"a":"\\\\u0000 \" \n"}`,
    String.raw`{"a":"\ud83d\ude00 \u00e9 \u00000"}`.replace(String.raw`\u00000`, ''),
    '{"a":"😀"}',
  ])('%s is left alone', (text) => {
    expect(sanitizeText(text)).toBe(text);
  });

  test('parses to the same value with each bad text cleaned', () => {
    const anyText = fc.string({
      unit: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 1 }),
        fc.constantFrom('\0', '\ud800', '\udc00', '\\', 'u0000'),
      ),
    });
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        expect(JSON.parse(sanitizeText(JSON.stringify(texts)))).toEqual(texts.map(cleanText));
      }),
    );
  });

  test('is clean afterwards, whatever it was', () => {
    const part = fc.constantFrom('\\', 'u0000', 'ud800', 'udc00', 'uD83D', '"', 'x', '\ud800', '\0', '0');
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const once = sanitizeText(parts.join(''));
        expect(isClean(once)).toBe(true);
        expect(sanitizeText(once)).toBe(once);
      }),
    );
  });
});
