// Reads what earlier builds wrote: the input of a run is written by the API or by the run before, either of which may
// be older than this code, and a run may be begun by a worker older than its input. What a new version does differently
// begins with the first run whose input says that version and whose first worker knew it, so the history of a run that
// is under way still replays.
import { patched } from '@temporalio/workflow';
import { DEFAULT_INTERVALS } from '../../src/domain/connection/chores.js';
import { newConnection } from '../../src/domain/connection/connection.js';
import type { ConnectionInput } from './messages.js';
import { isUnreadable } from './unreadable.js';

/**
 * The input with everything that its version did not have yet. Throws when it cannot be decoded, which fails the task
 * by name and not the run: a worker that can read it goes on.
 */
export function upToDate(input: ConnectionInput): ConnectionInput {
  if (isUnreadable(input)) throw new TypeError(`the run's input: ${input.problem}`);
  const settings = { ...DEFAULT_INTERVALS, ...input.settings };
  if (input.carried === undefined) return { ...input, settings };
  const { connection } = input.carried;
  const lastRun = { ...newConnection().lastRun, ...connection.lastRun };
  return { ...input, settings, carried: { ...input.carried, connection: { ...connection, lastRun } } };
}

/**
 * Since version 2. The version alone would not do: while a deployment is under way, an earlier worker may begin a run
 * whose input says 2 already, and its history would not replay here.
 */
const isVersion2 = ({ schemaVersion }: ConnectionInput): boolean => schemaVersion >= 2 && patched('schema-2');

/** Since version 3, likewise. */
const isVersion3 = ({ schemaVersion }: ConnectionInput): boolean => schemaVersion >= 3 && patched('schema-3');

/** A command asks when Temporal took its acceptance, before it does anything. */
export const asksWhenAccepted = isVersion2;

/** Windows are compared with SentinelOne's own count. */
export const comparesCounts = isVersion2;

/**
 * Arguments are read by guards, what the store holds is adopted where the two differ, and what a person waits for runs
 * on a queue of its own.
 */
export const adoptsWhatIsStored = isVersion3;
