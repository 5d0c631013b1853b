// Signals, worked off one by one in the order of arrival. Nobody waits for them, so what a run has not begun goes to
// the next one: however fast they come, they cannot keep a run from ending. A signal that fails is written to the
// timeline.
import { CancellationScope, condition, log } from '@temporalio/workflow';
import type { FailureCode } from '../../src/domain/failures/failures.js';
import * as commands from './commands.js';
import { failureOf, refusal } from './failure.js';
import { SIGNAL_GUARDS } from './guards.js';
import type { LiveConnection } from './live-connection.js';
import type { BackfillStopped, InboxEntry, SignalName } from './messages.js';

type Command<Args> = (connection: LiveConnection, args: Args, commandId: string) => Promise<unknown>;

const COMMANDS: Readonly<Record<SignalName, Command<never>>> = {
  rotateToken: commands.rotateToken,
  remapSites: commands.remapSites,
  backfillQueued: (connection: LiveConnection) => connection.commit({ kind: 'backfillRequested' }),
  backfillStopped: async (connection: LiveConnection, { code, credentialId }: BackfillStopped) =>
    connection.commit({ kind: 'failed', of: 'backfill', code, credentialId }),
  compareWithStore: (connection: LiveConnection) => connection.compareWithStore(),
};

/** Works until the run must end. */
export async function answerSignals(connection: LiveConnection): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    while (!connection.leaving) {
      await condition(() => connection.leaving || connection.inbox.length > 0);
      if (!connection.leaving) await answerNext(connection);
    }
  });
}

/** For a connection that ends: each command finds that it is illegal now, and says so in the timeline. */
export async function emptyInbox(connection: LiveConnection): Promise<void> {
  while (connection.inbox.length > 0) await answerNext(connection);
}

async function answerNext(connection: LiveConnection): Promise<void> {
  const entry = connection.inbox.shift();
  if (entry === undefined) return;
  try {
    if (entry.refusedWith !== undefined) throw refusal(entry.refusedWith);
    const command = COMMANDS[entry.signal as SignalName] as Command<unknown>;
    await command(connection, argumentsOf(connection, entry), entry.commandId);
  } catch (error) {
    await recordRefusal(connection, entry, failureOf(error).code);
  }
}

/** Guarded once more: an earlier build may have carried them as they came. */
function argumentsOf(connection: LiveConnection, { signal, args }: InboxEntry): unknown {
  return connection.adopts ? SIGNAL_GUARDS[signal as SignalName](args) : args;
}

/**
 * A signal as it arrives. What cannot be read is forgotten at once, and so is what would not fit into the input of the
 * next run: of each only the name is kept, to be written to the timeline.
 */
export function receive(connection: LiveConnection, signal: SignalName, args: unknown): void {
  if (!connection.adopts) return connection.receive(signal, args);
  try {
    const read = SIGNAL_GUARDS[signal](args);
    if (!hasRoomFor(connection.inbox, read)) throw refusal('inbox_full' satisfies FailureCode);
    connection.receive(signal, read);
  } catch (error) {
    refuse(connection, signal, failureOf(error).code as FailureCode);
  }
}

/** Of its name only what is surely harmless in a timeline. */
export function receiveUnknown(connection: LiveConnection, name: string): void {
  refuse(connection, name.slice(0, MAX_NAME).replaceAll(/[^\w.-]/g, '?'), 'unknown_message');
}

function refuse(connection: LiveConnection, signal: string, code: FailureCode): void {
  if (connection.inbox.length < MAX_WAITING) connection.receive(signal, null, code);
  else log.error('too many signals wait; one is not even recorded', { code });
}

/** Temporal takes two megabytes of input, of which the rest of the state needs little. */
const hasRoomFor = (inbox: readonly InboxEntry[], args: unknown): boolean =>
  inbox.length < MAX_WAITING && JSON.stringify(args).length + JSON.stringify(inbox).length <= MAX_CARRIED;

const MAX_CARRIED = 1_500_000;
const MAX_WAITING = 2_000;
const MAX_NAME = 60;

async function recordRefusal(connection: LiveConnection, entry: InboxEntry, code: string): Promise<void> {
  const { commandId, signal: kind } = entry;
  const record = { ...connection.ref, commandId, kind, outcome: 'refused', code } as const;
  await connection.recorded(() => connection.activities.record.recordTimeline(record));
}
