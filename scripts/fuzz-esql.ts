// Tries the language with a million queries that have slips of the hand in them, or as many as the first argument says:
// `npx tsx scripts/fuzz-esql.ts [count] [seed]`. Prints the first text that makes it throw, and ends with 1.
import { mutated, tryQuery } from '../test/unit/esql/mutations.js';

const count = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);

/** mulberry32: small, and the same for the same seed. */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomOf(seed);
const started = performance.now();
let runnable = 0;
for (let tried = 0; tried < count; tried += 1) {
  const text = mutated(random);
  try {
    if (tryQuery(text, Math.floor(random() * (text.length + 1)))) runnable += 1;
  } catch (error) {
    console.error(`seed ${seed}, query ${tried}: ${JSON.stringify(text)}`);
    console.error(error);
    process.exit(1);
  }
}
const seconds = (performance.now() - started) / 1000;
console.log(`${count} queries in ${seconds.toFixed(1)} s (seed ${seed}), ${runnable} of them could be run; none threw`);
