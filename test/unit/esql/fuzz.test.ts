// The language throws nothing, whatever the text. `npx tsx scripts/fuzz-esql.ts` tries a million.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutated, tryQuery } from './mutations.js';

describe('the language', () => {
  test('throws nothing for a query with slips of the hand', () => {
    let runnable = 0;
    let tried = 0;
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        fc.nat(),
        (stream, caret) => {
          const text = mutated(() => Number(stream.next().value));
          tried += 1;
          if (tryQuery(text, caret % (text.length + 1))) runnable += 1;
        },
      ),
      { numRuns: 3000 },
    );
    expect(tried).toBeGreaterThanOrEqual(3000);
    // Were none of them right, the evaluator would not have been tried.
    expect(runnable).toBeGreaterThan(100);
  });

  test('throws nothing for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(), (text, caret) => {
        tryQuery(text, caret % (text.length + 1));
      }),
      { numRuns: 500 },
    );
  });
});
