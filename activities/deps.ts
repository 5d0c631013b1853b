// What activities are closed over. The worker passes real parts; tests pass a real database and the simulator's
// address.
import type { Changes } from '../src/domain/changes.js';
import type { Retention } from '../src/domain/collecting/retention.js';
import type { AllowedOrigin } from '../src/domain/connection/console-address.js';
import type { RepairCounts, Repaired } from '../src/domain/connection/repair.js';
import type { SentinelOne } from '../src/sentinelone/client.js';
import type { Database } from '../src/store/database.js';
import type { TokenCipher } from '../src/store/token-cipher.js';
import type { PageReader } from './pages/open-page.js';

/** The part of pino that activities use: a sentence plus fields, never a body, never a secret. */
export interface Log {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

/** Repairs what is to be repaired and asks to compare where states differ. Ends early when the signal says so. */
export type RepairConnections = (options: {
  readonly signal: AbortSignal;
  readonly compare: true;
}) => Promise<RepairCounts & { readonly compared: number; readonly items: readonly Repaired[] }>;

export interface Deps {
  readonly database: Database;
  readonly sentinelOne: SentinelOne;
  readonly allowedOrigins: readonly AllowedOrigin[];
  readonly cipher: TokenCipher;
  readonly log: Log;
  /** Left out, pages are read in place. */
  readonly pageReader?: PageReader;
  /** Left out, everything is kept. */
  readonly retention?: Retention;
  /** After which a live poll gives itself up; tests shorten it. */
  readonly pollDeadlineMs?: number;
  /** Tells consoles what changed; left out, nobody is told and nothing else is different. */
  readonly changes?: { send(changes: Changes): void };
  /** Left out, no connection's workflow is started again. */
  readonly repairConnections?: RepairConnections;
}
