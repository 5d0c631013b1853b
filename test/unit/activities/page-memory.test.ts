import { describe, expect, test } from 'vitest';
import { createPageMemory } from '../../../activities/pages/page-memory.js';

const MIB = 1024 * 1024;

test.each([0, 1, 100, MIB - 1, MIB, 20 * MIB])('%i bytes are at least that many, and shared', (size) => {
  const bytes = createPageMemory().take(size);
  expect(bytes.length).toBeGreaterThanOrEqual(size);
  expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
});

describe('what is given back', () => {
  test('is used for the next page that fits, also when only a part of it is given', () => {
    const memory = createPageMemory();
    const first = memory.take(MIB);
    memory.giveBack(first.subarray(3, 1000));
    expect(memory.take(MIB - 10).buffer).toBe(first.buffer);
  });

  test('is not used for two pages at once', () => {
    const memory = createPageMemory();
    memory.giveBack(memory.take(MIB));
    expect(memory.take(MIB).buffer).not.toBe(memory.take(MIB).buffer);
  });

  test('is not used for a larger page, and the smallest that fits is', () => {
    const memory = createPageMemory();
    const [small, large] = [memory.take(MIB), memory.take(3 * MIB)];
    memory.giveBack(large);
    memory.giveBack(small);
    expect(memory.take(MIB / 2).buffer).toBe(small.buffer);
    expect(memory.take(2 * MIB).buffer).toBe(large.buffer);
    expect([small.buffer, large.buffer]).not.toContain(memory.take(2 * MIB).buffer);
  });

  test('is not kept when it is tiny, huge, or one of many', () => {
    const memory = createPageMemory();
    const [tiny, huge] = [memory.take(100), memory.take(30 * MIB)];
    memory.giveBack(tiny);
    memory.giveBack(huge);
    expect([tiny.buffer, huge.buffer]).not.toContain(memory.take(50).buffer);
    const many = Array.from({ length: 40 }, () => memory.take(MIB));
    for (const each of many) memory.giveBack(each);
    const known = new Set(many.map(({ buffer }) => buffer));
    const again = Array.from({ length: 40 }, () => memory.take(MIB)).filter(({ buffer }) => known.has(buffer));
    expect(again).toHaveLength(16);
  });
});
