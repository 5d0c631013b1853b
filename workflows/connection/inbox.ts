// Signals, worked off one by one in the order of arrival. Nobody waits for them, so what a run has not begun goes to
// the next one: however fast they come, they cannot keep a run from ending. A signal that fails is written to the
// timeline.
import { CancellationScope, condition } from '@temporalio/workflow';
import * as commands from './commands.js';
import { failureOf } from './failure.js';
import type { LiveConnection } from './live-connection.js';
import type { BackfillStopped, InboxEntry, SignalName } from './messages.js';

type Command<Args> = (connection: LiveConnection, args: Args, commandId: string) => Promise<unknown>;

/** The arguments are as an operator typed them: a command that cannot read its own fails, and that is recorded. */
const COMMANDS: Readonly<Record<SignalName, Command<never>>> = {
  rotateToken: commands.rotateToken,
  remapSites: commands.remapSites,
  backfillQueued: (connection: LiveConnection) => connection.commit({ kind: 'backfillRequested' }),
  backfillStopped: async (connection: LiveConnection, { code, credentialId }: BackfillStopped) =>
    connection.commit({ kind: 'failed', of: 'backfill', code, credentialId }),
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
    await (COMMANDS[entry.signal] as Command<unknown>)(connection, entry.args, entry.commandId);
  } catch (error) {
    await recordRefusal(connection, entry, failureOf(error).code);
  }
}

async function recordRefusal(connection: LiveConnection, entry: InboxEntry, code: string): Promise<void> {
  const { commandId, signal: kind } = entry;
  const record = { ...connection.ref, commandId, kind, outcome: 'refused', code } as const;
  await connection.recorded(() => connection.activities.record.recordTimeline(record));
}
