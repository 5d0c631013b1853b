// The activities of a scene, each called on the scene's connection unless a test says otherwise.
import { ApplicationFailure } from '@temporalio/common';
import { type Activities, createActivities, type Deps } from '../../../activities/index.js';
import { type ActivityRun, runActivity } from './activity-run.js';

export type ActivityName = keyof Activities;
type Input<Name extends ActivityName> = Parameters<Activities[Name]>[0];
export type Output<Name extends ActivityName> = Awaited<ReturnType<Activities[Name]>>;
/** An activity's input without the connection, which the scene fills in. */
export type Rest<Name extends ActivityName> = Omit<Input<Name>, 'accountId' | 'connectionId'> & {
  readonly accountId?: string;
  readonly connectionId?: string;
};

export const INTERVAL_MS = 30_000;

export interface SceneActivities {
  readonly activities: Activities;
  start<Name extends ActivityName>(name: Name, rest: Rest<Name>): ActivityRun<Output<Name>>;
  call<Name extends ActivityName>(name: Name, rest: Rest<Name>): Promise<Output<Name>>;
  /** The failure that an activity ends with; it is an error of the test when it does not fail so. */
  failure<Name extends ActivityName>(name: Name, rest: Rest<Name>): Promise<ApplicationFailure>;
  poll(): Promise<Output<'pollActivities'>>;
  failedPoll(): Promise<ApplicationFailure>;
}

export function createSceneActivities(
  deps: Deps,
  ref: { readonly accountId: string; readonly connectionId: string },
): SceneActivities {
  const activities = createActivities(deps);
  const start: SceneActivities['start'] = <Name extends ActivityName>(name: Name, rest: Rest<Name>) => {
    const activity = activities[name] as (input: unknown) => Promise<Output<Name>>;
    return runActivity(() => activity({ ...ref, ...rest }));
  };
  const call: SceneActivities['call'] = (name, rest) => start(name, rest).result;
  const failure: SceneActivities['failure'] = async (name, rest) => {
    const outcome = await call(name, rest).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    if ('error' in outcome && outcome.error instanceof ApplicationFailure) return outcome.error;
    throw new Error(`${name} did not end with an ApplicationFailure`, { cause: outcome });
  };
  return {
    activities,
    start,
    call,
    failure,
    poll: () => call('pollActivities', { pollIntervalMs: INTERVAL_MS }),
    failedPoll: () => failure('pollActivities', { pollIntervalMs: INTERVAL_MS }),
  };
}
