// For tests of attempts that go on after their successors: an activity can be held back when it has just received a
// reply of the console and has done nothing with it yet, for as long as a test likes. So an attempt that is taken for
// dead goes on at exactly the moment that a test is about.
import { type Activities, createActivities, type Deps } from '../../../activities/index.js';
import type { SentinelOneSession } from '../../../src/sentinelone/client.js';
import { runActivity } from './activity-run.js';
import type { Scene } from './scene.js';
import type { ActivityName } from './scene-activities.js';

type Call = Exclude<keyof SentinelOneSession, 'consoleNowMicros' | 'measureClock'>;

export interface Gated {
  /** Work as the others do, but for the reply that is held. */
  readonly activities: Activities;
  /** Settles when the reply is there. */
  readonly reached: Promise<void>;
  open(): void;
}

/** Holds the reply to the first of these calls, or to the one after `skip` others. */
export function gatedConsole(deps: Deps, call: Call, { skip = 0 } = {}): Gated {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  let calls = 0;
  const hold = async <T>(reply: Promise<T>): Promise<T> => {
    calls += 1;
    if (calls !== skip + 1) return reply;
    const held = await reply;
    reached.resolve();
    await opened.promise;
    return held;
  };
  const sentinelOne: Deps['sentinelOne'] = {
    ...deps.sentinelOne,
    session(options) {
      const session = deps.sentinelOne.session(options);
      const original = session as unknown as Record<Call, (...args: unknown[]) => Promise<unknown>>;
      return { ...session, [call]: (...args: unknown[]) => hold(original[call](...args)) };
    },
  };
  return {
    activities: createActivities({ ...deps, sentinelOne }),
    reached: reached.promise,
    open: () => opened.resolve(),
  };
}

/** Whatever it ends with, as a value: an attempt that fails before it is looked at must not end the test run. */
export function attempt(
  scene: Scene,
  activities: Activities,
  of: { readonly name: ActivityName; readonly input?: object },
): Promise<unknown> {
  const work = activities[of.name] as (input: unknown) => Promise<unknown>;
  return runActivity(() => work({ ...scene.ref, ...of.input })).result.catch((error: unknown) => error);
}
