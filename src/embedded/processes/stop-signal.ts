// What a person's Ctrl-C means. One press can arrive several times, since npm and tsx pass on what the terminal has sent
// already; a second press some time later is somebody who will not wait.
export type StopRequest = 'stop' | 'repeated' | 'force';

/** Further signals within this time after the first are the same press. */
export const SAME_PRESS_MS = 2_000;

/** `stoppingSinceMs` is when stopping began, undefined when it has not. */
export function stopRequest(stoppingSinceMs: number | undefined, nowMs: number): StopRequest {
  if (stoppingSinceMs === undefined) return 'stop';
  return nowMs - stoppingSinceMs < SAME_PRESS_MS ? 'repeated' : 'force';
}
