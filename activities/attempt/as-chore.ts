// What stands around every activity that a connection's workflow does by itself beside collecting: a failure is written
// down, so that one that goes on opens a notice; after some tries the attempt ends, so that the next chore has its
// turn; and what could not be read of the lists that it read is counted and told.
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isFailureCode, pauseFor } from '../../src/domain/failures/failures.js';
import type { SentinelOneSession } from '../../src/sentinelone/client.js';
import { countChoreFailure, recordChoreDone } from '../../src/store/connections/chore-health.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';
import { describeError } from './failure.js';
import { refreshNotices } from './refresh-notices.js';

/** An answer that cannot be read hardly changes within a minute: the chore's next turn comes after its interval. */
const TRIES_OF_NONSENSE = 3;
/** Some seven minutes: an outage is over sooner, or is one of this chore's endpoint alone. */
const TRIES = 10;
const NONSENSE = ['s1.bad_response', 's1.bad_request'];

type Work<Input, Output> = (input: Input) => Promise<Output>;

/** `chore` is the activity's name. */
export function asChore<Input extends ConnectionRef, Output>(
  deps: Deps,
  chore: string,
  create: (deps: Deps) => Work<Input, Output>,
): Work<Input, Output> {
  return async (input) => {
    const sessions: SentinelOneSession[] = [];
    const work = create(observing(deps, sessions));
    const of = { connectionId: input.connectionId, chore };
    try {
      const output = await work(input);
      const unreadable = sessions.flatMap((session) => session.unreadable());
      const write = () => asTenant(deps, input, (tenant) => recordChoreDone(tenant, of, unreadable));
      if (unreadable.length > 0)
        deps.log.warn({ ...of, unreadable }, 'rows of a list could not be read; the others are');
      await noted(deps, input, write);
      return output;
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || !isCounted(error.type)) throw error;
      const code = error.type ?? 'internal';
      await noted(deps, input, () => asTenant(deps, input, (tenant) => countChoreFailure(tenant, of, code)));
      throw isLastTry(code) ? ended(error, code) : error;
    }
  };
}

/** The same dependencies; each session that is opened with them is remembered. */
const observing = (deps: Deps, sessions: SentinelOneSession[]): Deps => ({
  ...deps,
  sentinelOne: {
    ...deps.sentinelOne,
    session(options) {
      const session = deps.sentinelOne.session(options);
      sessions.push(session);
      return session;
    },
  },
});

const asTenant = <T>(deps: Deps, ref: ConnectionRef, work: Parameters<typeof withTenant<T>>[3]): Promise<T> =>
  withTenant(deps.database, ref.accountId, 'all', work);

/** A pause is told by itself, and our own store's absence by whoever finds it. */
const isCounted = (type: string | null | undefined): boolean =>
  type === 'internal' || (type != null && type.startsWith('s1.') && isFailureCode(type) && pauseFor(type) === null);

const isLastTry = (code: string): boolean =>
  Context.current().info.attempt >= (NONSENSE.includes(code) ? TRIES_OF_NONSENSE : TRIES);

const ended = ({ message, details }: ApplicationFailure, code: string): ApplicationFailure =>
  ApplicationFailure.create({ type: code, message, nonRetryable: true, ...(details == null ? {} : { details }) });

/** That it cannot be written down is no failure of the chore; its next attempt says it again. */
async function noted(deps: Deps, ref: ConnectionRef, write: () => Promise<boolean | number>): Promise<void> {
  try {
    if (await write()) await refreshNotices(deps, ref);
  } catch (error) {
    deps.log.warn({ ...ref, ...describeError(error) }, 'how a chore went could not be written down');
  }
}
