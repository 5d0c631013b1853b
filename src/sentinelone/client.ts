// The SentinelOne client: one per process, which owns the connection pools, the pacing and the consoles' clocks; and
// from it a session per piece of work, bound to one console, one token, one share of the rate limit and one signal.
import { createHash } from 'node:crypto';
import type { Pool } from 'undici';
import type { AllowedOrigin } from '../domain/connection/console-address.js';
import type { Secret } from '../domain/secret.js';
import { type ActivityCalls, createActivityCalls } from './calls/activity.calls.js';
import { createIdentityCalls, type IdentityCalls } from './calls/identity.calls.js';
import { createInventoryCalls, type InventoryCalls } from './calls/inventory.calls.js';
import { createRowReader, type UnreadableRows } from './calls/readable-rows.js';
import { createSettingsCalls, type SettingsCalls } from './calls/settings.calls.js';
import { DEFAULT_ACTIVITY_REQUESTS_PER_SECOND, DEFAULT_SHARE } from './endpoints.js';
import { type ClockPatience, type ConsoleClock, createConsoleClock, type KnownClock } from './http/console-clock.js';
import { createPool, DEFAULT_TIMEOUTS, type Timeouts } from './http/exchange.js';
import { createPacer } from './http/pacer.js';
import { createSend } from './http/request.js';

export interface SentinelOneOptions {
  readonly allowedOrigins: readonly AllowedOrigin[];
  readonly userAgent: string;
  /** The pace of `/activities`; 0 switches all pacing off, for benchmarks. */
  readonly requestsPerSecond?: number;
  readonly timeouts?: Partial<Timeouts>;
  /** What it takes until a clock that jumped is believed; tests shorten it. */
  readonly clockPatience?: ClockPatience;
}

export interface SessionOptions {
  readonly origin: string;
  readonly token: Secret;
  /** This session's part of the `/activities` pace, above 0 and up to 1. */
  readonly share?: number;
  /**
   * Ends whatever is under way. Its reason is thrown as it is, except a TimeoutError: it becomes `s1.unavailable`, and
   * where the request still waited for its turn `s1.rate_limited` without a status.
   */
  readonly signal?: AbortSignal | undefined;
  /** For one exchange, when this work has less time than the client's timeouts allow. */
  readonly totalTimeoutMs?: number;
  /** Gives up an exchange in which the console is silent for `silentMs`; a reply that keeps flowing may take longer. */
  readonly impatient?: boolean;
  /** What is on record of the console's clock: it counts where this process has not looked since. */
  readonly knownClock?: KnownClock | undefined;
}

export interface SentinelOneSession extends IdentityCalls, InventoryCalls, SettingsCalls, ActivityCalls {
  /** What could not be read of the rows of lists, so far. */
  unreadable(): readonly UnreadableRows[];
  /**
   * The console's time in microseconds since 1970, from its replies' `Date` headers; our own time before the first
   * reply.
   */
  consoleNowMicros(): number;
  /** Makes sure that a reply of this console has been seen, asking `/system/info` when none has. */
  measureClock(): Promise<void>;
  /** How much the replies of the last moments disagree with that time, in milliseconds; null when they do not. */
  clockDoubtMs(): number | null;
  /** Console time in microseconds up to which it was sure before it last jumped; null when it has not. */
  clockSureMicros(): number | null;
}

export interface SentinelOne {
  session(options: SessionOptions): SentinelOneSession;
  /** Waits for requests under way, then closes every connection. */
  close(): Promise<void>;
}

export function createSentinelOne(options: SentinelOneOptions): SentinelOne {
  const timeouts: Timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const pacer = createPacer({
    activityRequestsPerSecond: options.requestsPerSecond ?? DEFAULT_ACTIVITY_REQUESTS_PER_SECOND,
  });
  const pools = new Map<string, Pool>();
  const clocks = new Map<string, ConsoleClock>();

  return {
    session(given) {
      const { origin, token, share = DEFAULT_SHARE, signal, totalTimeoutMs = timeouts.totalMs } = given;
      const clock = getOrCreate(clocks, origin, () => createConsoleClock({ patience: options.clockPatience }));
      if (given.knownClock !== undefined) clock.recall(given.knownClock);
      const send = createSend({
        origin,
        token,
        share,
        signal,
        totalTimeoutMs,
        silentMs: given.impatient === true ? timeouts.silentMs : null,
        pacer,
        clock,
        tokenKey: createHash('sha256').update(token.reveal()).digest('base64'),
        allowedOrigins: options.allowedOrigins,
        userAgent: options.userAgent,
        // Made at the first request, after the origin has been checked.
        pool: () => getOrCreate(pools, origin, () => createPool(origin, timeouts)),
      });
      const reader = createRowReader();
      const identity = createIdentityCalls(send, token);
      return {
        ...identity,
        ...createInventoryCalls(send, reader),
        ...createSettingsCalls(send),
        ...createActivityCalls(send, reader),
        unreadable: () => reader.unreadable(),
        consoleNowMicros: () => clock.nowMicros(),
        clockDoubtMs: () => clock.doubtMs(),
        clockSureMicros: () => clock.sureMicros(),
        async measureClock() {
          if (!clock.isMeasured()) await identity.getSystemInfo();
        },
      };
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      pools.clear();
    },
  };
}

function getOrCreate<T>(map: Map<string, T>, key: string, create: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
