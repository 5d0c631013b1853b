// Calls of Temporal that end: each has a time within which it is answered or given up, and its error becomes the
// Problem that it amounts to.
import type { Client } from '@temporalio/client';
import { problemOf, TookTooLong } from './connection-problems.js';

const WAIT_FOR_ANSWER_MS = 5_000;
/** For telling a worker that is away from a Temporal that is; still within the six seconds that a person waits. */
const WAIT_FOR_LIFE_SIGN_MS = 500;

/** Throws a Problem when nobody answers in time or the answer is a failure's code; any other error as it is. */
export async function inTime<T>(temporal: Client, work: () => Promise<T>, ms = WAIT_FOR_ANSWER_MS): Promise<T> {
  try {
    return await within(temporal, ms, work);
  } catch (error) {
    throw await problemOf(error, () => isAlive(temporal));
  }
}

/**
 * The client repeats what failed, and may sleep past the call's deadline before it sees that it has passed (measured
 * 1.2 s).
 */
export async function within<T>({ connection }: Client, ms: number, work: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new TookTooLong()), ms);
  const answer = connection.withDeadline(Date.now() + ms, work);
  answer.catch(() => undefined); // it may fail when nobody waits any more
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether Temporal gives a sign of life; a worker may be away all the same. */
export async function isAlive(temporal: Client): Promise<boolean> {
  try {
    await within(temporal, WAIT_FOR_LIFE_SIGN_MS, () => temporal.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}
