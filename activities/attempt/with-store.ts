// Activities that only write to our own store: every error becomes a failure with a code.
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';
import { applicationFailure, describeError, failureOf, isCancellation, isLastTry } from './failure.js';

/** What must happen: by a fault of ours it is tried until a build is there that can do it. */
export function withStore<T>(deps: Deps, ref: ConnectionRef, work: () => Promise<T>): Promise<T> {
  return coded(deps, ref, work, () => false);
}

/** What somebody waits for: a fault of ours ends it after a few tries. */
export function commandWithStore<T>(deps: Deps, ref: ConnectionRef, work: () => Promise<T>): Promise<T> {
  return coded(deps, ref, work, isLastTry);
}

async function coded<T>(deps: Deps, ref: ConnectionRef, work: () => Promise<T>, isLast: () => boolean): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, hopeless = false } = failureOf(error);
    const { accountId, connectionId } = ref;
    if (code === 'internal') {
      deps.log.error({ accountId, connectionId, ...describeError(error) }, 'an activity failed unexpectedly');
    }
    throw applicationFailure(code, { hopeless: hopeless || isLast() });
  }
}
