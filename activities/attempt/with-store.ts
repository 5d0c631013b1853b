// Activities that only write to our own store: every error becomes a failure with a code.
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';
import { applicationFailure, describeError, failureOf, isCancellation } from './failure.js';

export async function withStore<T>(deps: Deps, ref: ConnectionRef, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, hopeless } = failureOf(error);
    if (code === 'internal') deps.log.error({ ...ref, ...describeError(error) }, 'an activity failed unexpectedly');
    throw applicationFailure(code, { hopeless });
  }
}
