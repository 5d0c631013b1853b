import { expect, test } from 'vitest';
import { createSlidingWindow } from '../../../src/api/http/sliding-window.js';

test('a budget comes back request by request, as each becomes older than the window', () => {
  const window = createSlidingWindow({ limit: 2, windowMs: 100 });
  expect(window.take('a', 0)).toEqual({ allowed: true, limit: 2, remaining: 1, retryAfterMs: 0 });
  expect(window.take('a', 60)).toMatchObject({ allowed: true, remaining: 0 });
  expect(window.take('a', 90)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 10 });
  expect(window.take('a', 100)).toMatchObject({ allowed: true, remaining: 0 });
  expect(window.take('a', 101)).toMatchObject({ allowed: false, retryAfterMs: 59 });
});

test('keys have budgets of their own, and what is refused does not prolong the wait', () => {
  const window = createSlidingWindow({ limit: 1, windowMs: 100 });
  window.take('a', 0);
  expect(window.take('b', 0).allowed).toBe(true);
  for (let nowMs = 1; nowMs < 100; nowMs++) expect(window.take('a', nowMs).allowed).toBe(false);
  expect(window.take('a', 100).allowed).toBe(true);
});

test('made-up keys do not push out one that is in use', () => {
  const window = createSlidingWindow({ limit: 3, windowMs: 100, maxKeys: 2 });
  window.take('used', 0);
  for (let index = 0; index < 10; index++) {
    window.take(`made up ${index}`, 1);
    if (index === 0) window.take('used', 2);
    if (index === 1) expect(window.take('used', 3).remaining).toBe(0);
  }
  expect(window.take('used', 4).remaining).toBe(2); // forgotten at last: memory is bounded
});
