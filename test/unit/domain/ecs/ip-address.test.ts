import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isIp } from '../../../../src/domain/ecs/ip-address.js';

test.each([
  '0.0.0.0',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  '1::',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::',
  '::ffff:192.0.2.5',
  '64:ff9b::192.0.2.33',
  '2001:DB8:0:0:8:800:200C:417A',
])('%s is an address', (text) => {
  expect(isIp(text)).toBe(true);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '1.2.3.256',
  '1.2.3.4:443',
  '10.0.0.0/8',
  ' 1.2.3.4',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  '[::1]',
  'fe80::1%eth0',
  '::192.0.2.5:1',
  '1.2.3.4::',
])('%j is none', (text) => {
  expect(isIp(text)).toBe(false);
});

test('agrees with Node on every address, and on what is nearly one', () => {
  const piece = fc.constantFrom(':', '::', '.', '0', '1', '25', '255', '256', 'ff', 'FFFF', '1.2.3.4', ' ');
  const nearly = fc.array(piece, { maxLength: 17 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), nearly), (text) => {
      expect(isIp(text)).toBe(isIP(text) !== 0);
    }),
    { numRuns: 2000 },
  );
});
