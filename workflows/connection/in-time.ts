// Whether a command may still be carried out, or was given up by its sender. Asked twice. First by workflow time, which costs
// nothing: also when no worker looked until long after. Workflow time is when the task was handed out, though, and a worker
// that froze with the task in its hands would accept what was refused to the sender in the meantime; so then by the time at
// which Temporal took the acceptance. Both are the server's clock: the worker's own says nothing here.
import { CancellationScope } from '@temporalio/workflow';
import type { LiveConnection } from './live-connection.js';

export function isTooLate(notAfter: string | undefined, nowMs = Date.now()): boolean {
  return !(nowMs <= Date.parse(notAfter ?? ''));
}

/** Call it before anything of the command is done. Whoever cancels the workflow, the command is answered. */
export async function wasTakenTooLate(connection: LiveConnection, notAfter: string): Promise<boolean> {
  const takenAt = await CancellationScope.nonCancellable(() => connection.activities.clock.readCommitTime());
  return isTooLate(notAfter, Date.parse(takenAt));
}
