// One SentinelOne connection, from its first check to its end. The workflow is the single writer of the connection's
// state: every change is an update, a signal or a step of it, and can be read in its history.
import { allHandlersFinished, CancellationScope, condition, continueAsNew } from '@temporalio/workflow';
import type { Verdict } from '../activities/contract.js';
import { isLive } from '../src/domain/connection/connection.js';
import type { FailureCode } from '../src/domain/failures/failures.js';
import { failureOf, hasTimedOut } from './connection/failure.js';
import { isTooLate, registerHandlers, wasTakenTooLate } from './connection/handlers.js';
import { answerSignals, emptyInbox } from './connection/inbox.js';
import { comparesCounts, upToDate } from './connection/input.js';
import { LiveConnection } from './connection/live-connection.js';
import { collect, doChores } from './connection/loops.js';
import type { ConnectionInput, ConnectionResult } from './connection/messages.js';

/**
 * The loops beside the poll. A parked site sync holds up license counts, which need the same console, and no token
 * check. The comparison with the console may read for a minute, or be parked where only `/activities` fails, and holds
 * up neither.
 */
const SITE_CHORES = ['sites', 'licenseCounts'] as const;
const TOKEN_CHORES = ['tokenCheck', 'permissionRecheck'] as const;
const COMPLETENESS_CHORES = ['completeness'] as const;

export async function connection(input: ConnectionInput): Promise<ConnectionResult> {
  const live = new LiveConnection(upToDate(input));
  registerHandlers(live);
  disconnectWhenCancelled(live);
  return CancellationScope.nonCancellable(() => run(live, input));
}

async function run(live: LiveConnection, input: ConnectionInput): Promise<ConnectionResult> {
  if (live.state.phase === 'validating') {
    const refusedWith = await validate(live, input.notAfter);
    const refused = refusedWith === null ? null : await refuse(live, refusedWith);
    if (refused !== null) return refused;
  }
  if (live.collecting && live.state.backfillQueued) await live.startBackfill();
  await work(live, input);
  await condition(allHandlersFinished);
  // Looked at once more: a disconnect may have come while loops and handlers settled.
  if (isLive(live.state)) return continueAsNew<typeof connection>(live.carry());
  return tearDown(live);
}

/** Looks at the time first: nobody may be waiting any more. Returns the refusal's code, or null when accepted. */
async function validate(live: LiveConnection, notAfter: string): Promise<FailureCode | null> {
  if (isTooLate(notAfter)) return 'command_expired';
  if (live.asksWhenAccepted && (await wasTakenTooLate(live, notAfter))) return 'command_expired';
  const verdict = await verdictOn(live);
  if (verdict.verdict === 'refused') return verdict.code;
  await live.commit({ kind: 'accepted', ...verdict });
  return null;
}

async function verdictOn(live: LiveConnection): Promise<Verdict> {
  try {
    const command = { ...live.ref, commandId: live.mintCommandId() };
    return await live.activities.validation.validateConnection(command);
  } catch (error) {
    // The checks end by themselves before their time is over, also where the console is silent: no worker was there for
    // them.
    if (hasTimedOut(error)) return { verdict: 'refused', code: 'command_expired' };
    const { code } = failureOf(error);
    return { verdict: 'refused', code: code === 'internal' ? 's1.unavailable' : code };
  }
}

/**
 * Null when the connection is past all this: a run that was reset to its beginning is too late by the clock, and goes
 * on with what the store holds.
 */
async function refuse(live: LiveConnection, code: FailureCode): Promise<ConnectionResult | null> {
  const command = { ...live.ref, commandId: live.mintCommandId(), code };
  const { refuseConnection } = live.activities.record;
  const answer = await live.recorded(() => refuseConnection.executeWithOptions({ summary: code }, [command]));
  if (live.adopts && answer?.outcome === 'standing') {
    await live.adopt(answer.stored);
    return null;
  }
  await live.commit({ kind: 'refused', code });
  await emptyInbox(live);
  await condition(allHandlersFinished);
  return { state: 'refused', code };
}

/** Everything a connection does by itself, until the run must end; settles when all of it has. */
async function work(live: LiveConnection, input: ConnectionInput): Promise<void> {
  const scope = new CancellationScope();
  const loops = scope.run(() => {
    const running = [collect(live), doChores(live, SITE_CHORES), doChores(live, TOKEN_CHORES), answerSignals(live)];
    if (comparesCounts(input)) running.push(doChores(live, COMPLETENESS_CHORES));
    return Promise.all(running);
  });
  await condition(() => live.mustLeave);
  live.leaving = true;
  scope.cancel();
  await loops;
}

async function tearDown(live: LiveConnection): Promise<ConnectionResult> {
  const { cause } = live.state;
  const command = { ...live.ref, commandId: live.mintCommandId() };
  const { tearDown: end } = live.activities.record;
  await live.recorded(() => end.executeWithOptions({ summary: 'tokens and backfills of it' }, [command]));
  await live.commit({ kind: 'tornDown' });
  await emptyInbox(live);
  await condition(allHandlersFinished);
  return { state: 'disconnected', cause };
}

/** Cancelling the workflow in the Temporal UI is a disconnect: without it the store would say `active` of nothing. */
function disconnectWhenCancelled(live: LiveConnection): void {
  const disconnect = async () => {
    await condition(() => live.state.phase !== 'validating');
    await live.commit({ kind: 'disconnectRequested', cause: 'cancelled' });
  };
  void CancellationScope.current().cancelRequested.catch(() => CancellationScope.nonCancellable(disconnect));
}
