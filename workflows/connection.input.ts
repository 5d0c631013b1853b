// Reads what earlier builds wrote: the input of a run is written by the API or by the run before, either of which may be
// older than this code. What a new version does differently begins with the first run whose input says that version, so the
// history of a run that is under way still replays.
import { DEFAULT_INTERVALS } from '../src/domain/chores.js';
import { newConnection } from '../src/domain/connection.js';
import type { ConnectionInput } from './connection.messages.js';

/** The input with everything that its version did not have yet. */
export function upToDate(input: ConnectionInput): ConnectionInput {
  const settings = { ...DEFAULT_INTERVALS, ...input.settings };
  if (input.carried === undefined) return { ...input, settings };
  const { connection } = input.carried;
  const lastRun = { ...newConnection().lastRun, ...connection.lastRun };
  return { ...input, settings, carried: { ...input.carried, connection: { ...connection, lastRun } } };
}

/** Since version 2. */
export const asksWhenAccepted = ({ schemaVersion }: ConnectionInput): boolean => schemaVersion >= 2;

/** Since version 2. */
export const comparesCounts = ({ schemaVersion }: ConnectionInput): boolean => schemaVersion >= 2;
