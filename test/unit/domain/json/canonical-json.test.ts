import { expect, test } from 'vitest';
import { canonicalJson } from '../../../../src/domain/json/canonical-json.js';

test('canonical JSON sorts keys and keeps lists', () => {
  expect(canonicalJson({ b: [2, 1, null], a: { d: 'x"', c: false } })).toBe(
    '{"a":{"c":false,"d":"x\\""},"b":[2,1,null]}',
  );
});
