// The plan of a campaign: which fault happens when, to whom, for how long. Pure: the same seed and length give the same
// plan, so a run that failed can be planned again. What each fault chooses in the world as it then is (a site, a number
// of rows) it chooses by its own `picks`.
import { Random } from '../../simulator/world/random.js';
import { COMMAND_KINDS, CONSOLE_KINDS, CONTROL_KINDS, type FaultKind, PROCESS_KINDS, ROW_KINDS } from './kinds.js';

export interface PlannedFault {
  /** Since the campaign's beginning. */
  readonly atMs: number;
  readonly kind: FaultKind;
  /** Whom it is for; what happens to a console or a process of ours happens to others as well. */
  readonly partner: number;
  /** How long it lasts, where it lasts. */
  readonly forMs: number;
  /** In [0, 1). */
  readonly picks: readonly number[];
  /** For a change of the clock: how far the console's is ahead of ours from then on. */
  readonly skewMs?: number;
}

export interface Plan {
  readonly seed: number;
  readonly minutes: number;
  readonly durationMs: number;
  /** In order of time. */
  readonly faults: readonly PlannedFault[];
}

const MINUTE_MS = 60_000;
export const SHORTEST_MINUTES = 0.5;
const PICKS = 6;
const LONGEST_FAULT_MS = 6_000;

/** Two partners share the first console. Their console begins ten minutes behind us, the other ten minutes ahead. */
export const CONSOLE_OF_PARTNER = [0, 0, 1] as const;
export const FIRST_SKEWS_MS = [-10 * MINUTE_MS, 10 * MINUTE_MS] as const;
/** A partner of each console, whom a change of its clock is planned for. */
const FORWARD_PARTNER = 0;
const BACK_PARTNER = 2;
const FORWARD_STEPS = 3;
const BACK_STEPS = 2;
/**
 * Rows of the time that a clock lives through twice are promised to the comparison alone, so this comes late in a run.
 */
const BACK_FROM = 2 / 3;

interface Lane {
  readonly kinds: readonly FaultKind[];
  readonly everyMs: number;
  readonly lastsMs: readonly [shortest: number, longest: number];
  /** All are over after this share of the time. Left out, they may end with it. */
  readonly until?: number;
}

const LANES: readonly Lane[] = [
  // A worker takes seconds to start, so more would leave no worker to torture.
  { kinds: PROCESS_KINDS, everyMs: 14_000, lastsMs: [500, 4_000] },
  // A poll waits 5 s after a first failure and twice as long after each further one.
  { kinds: CONSOLE_KINDS, everyMs: 5_000, lastsMs: [2_000, LONGEST_FAULT_MS] },
  { kinds: ROW_KINDS, everyMs: 4_000, lastsMs: [0, 0] },
  { kinds: COMMAND_KINDS, everyMs: 5_000, lastsMs: [2_000, LONGEST_FAULT_MS] },
  // A workflow that is gone is back by the next command, or two minutes later, and Temporal's schedules a minute after
  // it was wiped. So the last quarter is without, and three minutes have each kind once.
  { kinds: CONTROL_KINDS, everyMs: 20_000, lastsMs: [8_000, 30_000], until: 3 / 4 },
];

/** Every kind at least once, however short. Throws a RangeError below half a minute. */
export function planCampaign({ seed, minutes }: { readonly seed: number; readonly minutes: number }): Plan {
  if (!(minutes >= SHORTEST_MINUTES)) throw new RangeError(`at least ${SHORTEST_MINUTES} minutes`);
  const durationMs = Math.round(minutes * MINUTE_MS);
  const random = new Random(seed);
  const faults = [
    ...LANES.flatMap((lane) => planLane(random, lane, durationMs)),
    ...planClock(random, { durationMs, from: 0, steps: FORWARD_STEPS, partner: FORWARD_PARTNER }),
    ...planClock(random, { durationMs, from: BACK_FROM, steps: BACK_STEPS, partner: BACK_PARTNER }),
  ].sort((a, b) => a.atMs - b.atMs);
  return { seed, minutes, durationMs, faults };
}

/**
 * One fault in each of equally long spans; kinds and partners are dealt like cards, so that none is left out for long.
 */
function planLane(random: Random, { kinds, everyMs, lastsMs, until = 1 }: Lane, durationMs: number) {
  const [shortest, longest] = lastsMs.map((ms) => Math.min(ms, durationMs / 4)) as [number, number];
  const usableMs = durationMs * until - longest;
  const count = Math.max(kinds.length, Math.round(usableMs / everyMs));
  const kindOf = dealt(random, kinds);
  const partnerOf = dealt(random, [...CONSOLE_OF_PARTNER.keys()]);
  return Array.from({ length: count }, (_, n): PlannedFault => ({
    atMs: Math.floor(((n + random.next()) * usableMs) / count),
    kind: kindOf(),
    partner: partnerOf(),
    forMs: Math.floor(shortest + random.next() * (longest - shortest)),
    picks: picksOf(random),
  }));
}

/** From the console's first skew to the opposite one, in steps of chance. */
function planClock(
  random: Random,
  of: { readonly durationMs: number; readonly from: number; readonly steps: number; readonly partner: number },
): PlannedFault[] {
  const { durationMs, from, steps, partner } = of;
  const firstMs = FIRST_SKEWS_MS[CONSOLE_OF_PARTNER[partner] ?? 0] ?? 0;
  const shares = [...Array.from({ length: steps - 1 }, () => random.next()).sort((a, b) => a - b), 1];
  return shares.map((share, n): PlannedFault => {
    const place = from + ((n + random.next()) / steps) * (1 - from);
    return {
      atMs: Math.floor(place * durationMs),
      kind: firstMs < 0 ? 'clock-forward' : 'clock-back',
      partner,
      forMs: 0,
      picks: picksOf(random),
      skewMs: Math.round(firstMs * (1 - 2 * share)),
    };
  });
}

const picksOf = (random: Random) => Array.from({ length: PICKS }, () => random.next());

function dealt<T>(random: Random, cards: readonly T[]): () => T {
  let deck: T[] = [];
  return () => {
    if (deck.length === 0) deck = shuffled(random, cards);
    const card = deck.pop();
    if (card === undefined) throw new RangeError('there is nothing to deal');
    return card;
  };
}

function shuffled<T>(random: Random, cards: readonly T[]): T[] {
  const left = [...cards];
  return Array.from({ length: cards.length }, () => left.splice(random.int(left.length), 1)).flat();
}
