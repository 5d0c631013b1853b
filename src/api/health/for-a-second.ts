// `/readyz` is asked without credentials, and each look costs PostgreSQL and Temporal a request: whoever asks within a
// second of a look, or while one goes on, gets that one's answer.
import type { Readiness } from './readiness.service.js';

const FRESH_MS = 1_000;

export function forASecond(readiness: Readiness): Readiness {
  let last: { readonly answer: Promise<readonly string[]>; freshUntilMs: number } | undefined;
  return {
    missing() {
      if (last !== undefined && performance.now() < last.freshUntilMs) return last.answer;
      const look = { answer: readiness.missing(), freshUntilMs: Number.POSITIVE_INFINITY };
      const over = () => (look.freshUntilMs = performance.now() + FRESH_MS);
      look.answer.then(over, over);
      last = look;
      return look.answer;
    },
  };
}
