// Which message calls which command. Validators are synchronous and refuse by workflow time and legality, which
// handlers ask for again; an update is done once however often it is repeated; a signal goes into the inbox.
//
// Whether a command was given up by its sender is asked twice. First by workflow time, which costs nothing and tells
// also when no worker looked until long after. But workflow time is when the task was handed out, and a worker that
// froze with the task in its hands would accept what its sender was refused in the meantime. So it is asked again, by
// the time at which Temporal took the acceptance. Both are the server's clock: the worker's own says nothing here.
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  currentUpdateInfo,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import type { CommandName } from '../../src/domain/connection/connection.js';
import * as commands from './commands.js';
import { DESCRIPTIONS } from './descriptions.js';
import { refusal } from './failure.js';
import type { Guard } from './guards.js';
import * as guards from './guards.js';
import { receive, receiveUnknown } from './inbox.js';
import type { LiveConnection } from './live-connection.js';
import * as messages from './messages.js';

type Command<Args, Result> = (connection: LiveConnection, args: Args, commandId: string) => Promise<Result>;

export function registerHandlers(connection: LiveConnection): void {
  onVerdict(connection);
  onUpdate(connection, messages.rotateToken, commands.rotateToken, guards.readRotateToken);
  onUpdate(connection, messages.remapSites, commands.remapSites, guards.readRemapSites);
  onUpdate(connection, messages.pause, commands.pause, guards.noArguments);
  onUpdate(connection, messages.resume, commands.resume, guards.noArguments);
  onUpdate(connection, messages.recheck, commands.recheck, guards.noArguments);
  onUpdate(connection, messages.syncSites, commands.syncSites, guards.noArguments);
  onUpdate(connection, messages.changeSettings, commands.changeSettings, guards.readChangedSettings);
  onUpdate(connection, messages.disconnect, commands.disconnect, guards.noArguments);
  onSignal(connection, messages.rotateTokenSignal);
  onSignal(connection, messages.remapSitesSignal);
  onSignal(connection, messages.backfillQueued);
  onSignal(connection, messages.backfillStopped);
  if (connection.adopts) {
    onSignal(connection, messages.compareWithStore);
    setDefaultSignalHandler((name) => receiveUnknown(connection, name));
  }
  setHandler(messages.status, () => connection.status(), { description: DESCRIPTIONS.status });
}

function onVerdict(connection: LiveConnection): void {
  const decided = () => connection.state.phase !== 'validating';
  const verdict = async () => {
    await condition(decided);
    await connection.written();
    if (connection.state.phase === 'refused') throw refusal(connection.state.cause);
    return connection.view();
  };
  const validator = (args: messages.Expiring) => requireInTime(connection, args);
  setHandler(messages.awaitVerdict, verdict, { validator, description: DESCRIPTIONS.awaitVerdict });
}

function onUpdate<Args, Result>(
  connection: LiveConnection,
  update: UpdateDefinition<Result, [Args & messages.Expiring], CommandName>,
  command: Command<Args, Result>,
  read: Guard<Args>,
): void {
  const run = (args: Args & messages.Expiring, updateId = currentUpdateId()) =>
    connection.answers.once(updateId, () => command(connection, connection.adopts ? read(args) : args, updateId));
  // The refusal is no answer to keep: what was never tried may be tried again in a later run, under the same id.
  const runInTime = async (args: Args & messages.Expiring) => {
    const updateId = currentUpdateId();
    if (!connection.answers.has(updateId)) {
      const notAfter = deadlineOf(connection, args);
      if (await wasTakenTooLate(connection, notAfter)) throw expired(notAfter);
      connection.requireLegal(update.name);
    }
    return run(args, updateId);
  };
  const validator = (args: messages.Expiring) => {
    if (connection.answers.has(currentUpdateId())) return;
    requireInTime(connection, args);
    if (connection.adopts) read(args);
    connection.requireLegal(update.name);
  };
  const handler = connection.asksWhenAccepted ? runInTime : (args: Args & messages.Expiring) => run(args);
  const description = DESCRIPTIONS[update.name];
  setHandler<Result, [Args & messages.Expiring], typeof update>(update, handler, { validator, description });
}

function onSignal<Args extends [unknown?]>(connection: LiveConnection, signal: SignalDefinition<Args>): void {
  const { name } = signal as { name: messages.SignalName };
  const handler = (...[args]: Args) => receive(connection, name, args);
  setHandler<void, Args, typeof signal>(signal, handler, { description: DESCRIPTIONS[name] });
}

/** `undefined`: its sender waits as long as it takes. */
export function isTooLate(notAfter: string | undefined, nowMs = Date.now()): boolean {
  return notAfter !== undefined && !(nowMs <= Date.parse(notAfter));
}

/** Call it before anything of the command is done. Whoever cancels the workflow, the command is answered. */
export async function wasTakenTooLate(connection: LiveConnection, notAfter: string | undefined): Promise<boolean> {
  if (notAfter === undefined) return false;
  const takenAt = await CancellationScope.nonCancellable(() => connection.activities.clock.readCommitTime());
  return isTooLate(notAfter, Date.parse(takenAt));
}

function requireInTime(connection: LiveConnection, args: messages.Expiring | undefined): void {
  const notAfter = deadlineOf(connection, args);
  if (isTooLate(notAfter)) throw expired(notAfter);
}

/** In runs that an earlier build began, what has none is too late. */
const deadlineOf = (connection: LiveConnection, args: messages.Expiring | undefined): string | undefined =>
  connection.adopts ? guards.readDeadline(args) : (args?.notAfter ?? '');

/** Says which sending came too late: one that is repeated under the same id meets the refusal of the one before. */
const expired = (notAfter: string | undefined) => refusal('command_expired', ...(notAfter ? [notAfter] : []));

function currentUpdateId(): string {
  const update = currentUpdateInfo();
  if (update === undefined) throw refusal('internal');
  return update.id;
}
