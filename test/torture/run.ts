// What the faults of a running campaign share: the processes, the partners, the consoles' clocks, and the record of
// what was really done.
import { setTimeout as delay } from 'node:timers/promises';
import type { Try } from './api-client.js';
import type { FaultKind } from './kinds.js';
import type { Partner } from './partner.js';
import type { PlannedFault } from './plan.js';
import type { Disturbance } from './recovery.js';
import type { TortureStack } from './stack.js';

/** A console's clock, and what only a comparison is promised to find of its rows. */
export interface ConsoleRecord {
  skewMs: number;
  readonly veryLateIds: Set<string>;
  /** By partner: how many rows there were when the clock first went back. */
  readonly beforeBack: Map<number, number>;
}

/** PostgreSQL was put back: whoever learned or was answered something before `backAtMs` may find it undone. */
export interface Restore {
  readonly copiedAtMs: number;
  /** Infinity while it is being put back. */
  backAtMs: number;
}

export interface Run {
  readonly stack: TortureStack;
  readonly partners: readonly Partner[];
  readonly consoles: readonly ConsoleRecord[];
  readonly signal: AbortSignal;
  /** How often each kind was really done. What the consoles do they count themselves. */
  readonly done: Map<FaultKind, number>;
  readonly disturbances: Disturbance[];
  readonly restores: Restore[];
  /** One copy of PostgreSQL at a time: it is put back before the next is taken. */
  restoring: Promise<unknown>;
  /** Settle when what was taken from Temporal is there again; what is not in time is a complaint. */
  readonly repairs: Promise<void>[];
  /** Everything that was asked of the api. */
  readonly tries: Try[];
  /** What went otherwise than it may. */
  readonly complaints: string[];
}

/** Carries out one planned fault and resolves when it is over. */
export type Inject = (run: Run, fault: PlannedFault, partner: Partner) => Promise<void>;

export function countDone({ done }: Run, kind: FaultKind): void {
  done.set(kind, (done.get(kind) ?? 0) + 1);
}

/** Whether what somebody began then may have been undone since by a restore of PostgreSQL. */
export const wasUndoneSince = ({ restores }: Run, sinceMs: number): boolean =>
  restores.some(({ backAtMs }) => backAtMs >= sinceMs);

/** Does something, lets it last, ends it, and notes the time for the recovery. */
export async function lasting(
  run: Run,
  of: {
    readonly fault: PlannedFault;
    readonly partners: readonly Partner[];
    readonly begin: () => Promise<void>;
    readonly end: () => Promise<void>;
  },
): Promise<void> {
  const { fault, partners, begin, end } = of;
  const fromMs = Date.now();
  await begin();
  countDone(run, fault.kind);
  await delay(fault.forMs, undefined, { signal: run.signal });
  const ended = end();
  // As soon as the end is ordered: that a process takes seconds to come up is part of the recovery.
  const disturbance = { kind: fault.kind, fromMs, toMs: Date.now(), partners: partners.map(({ n }) => n) };
  const n = run.disturbances.push(disturbance) - 1;
  await ended;
  run.disturbances[n] = Object.assign(disturbance, { upMs: Date.now() });
}

export const pick = ({ picks }: PlannedFault, n: number): number => picks[n] ?? 0;

export const between = (fault: PlannedFault, n: number, from: number, to: number): number =>
  from + Math.floor(pick(fault, n) * (to - from + 1));

export function oneOf<T>(fault: PlannedFault, n: number, list: readonly T[]): T {
  const item = list[Math.floor(pick(fault, n) * list.length)];
  if (item === undefined) throw new Error(`nothing to choose from for ${fault.kind}`);
  return item;
}

export const consoleOf = (run: Run, partner: Partner): ConsoleRecord => {
  const record = run.consoles[partner.consoleN];
  if (record === undefined) throw new Error('there is no such console');
  return record;
};

/** The console's own time, moved by so much. */
export const consoleTime = (run: Run, partner: Partner, byMs = 0): string =>
  new Date(Date.now() + consoleOf(run, partner).skewMs + byMs).toISOString();
