// What an activity does beside its work, because it is there anyway: names, and agents that were not known. That it
// fails takes nothing from what is done already; it comes again with the next turn.
import { pauseFor } from '../../src/domain/failures/failures.js';
import { SentinelOneError } from '../../src/sentinelone/sentinelone-error.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';

/** Null when SentinelOne did not give it. A dead token and a missing permission concern the connection, and are thrown. */
export async function courtesy<T>(deps: Deps, ref: ConnectionRef, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SentinelOneError) || pauseFor(error.code) !== null) throw error;
    const { code, endpoint } = error;
    deps.log.warn({ ...ref, code, endpoint }, 'something that can wait was not answered; the rest is done');
    return null;
  }
}
