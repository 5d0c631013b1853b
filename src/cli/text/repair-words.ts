// What became of a connection whose workflow was looked at, in a terminal. Pure.
import type { Repaired, WorkflowEnd } from '../../domain/connection/repair.js';
import { stateInWords } from './connection-words.js';
import { shortId } from './words.js';

const GONE: Readonly<Record<WorkflowEnd, string>> = {
  not_found: 'was not to be found',
  terminated: 'had been terminated',
  failed: 'had failed',
  timed_out: 'had timed out',
  cancelled: 'had been cancelled',
  continued_as_new: 'had ended without its next run',
  refused: 'had ended as refused',
  disconnected: 'had ended as disconnected',
  row_gone: 'had ended, because the database had lost the connection',
  completed: 'had ended',
};

/** How the workflow of a connection was missing: `had been terminated`. */
export const missingInWords = (workflow: string): string =>
  Object.hasOwn(GONE, workflow) ? GONE[workflow as WorkflowEnd] : `was missing (${workflow})`;

/** `0a1b2c3d  its workflow had been terminated: started again, active`. */
export function repairedText(of: Repaired): string {
  const { workflow, code } = of;
  const id = shortId(of.connectionId);
  if (of.outcome === 'failed') return `${id}  not repaired: ${code ?? 'internal'}`;
  if (workflow === null || workflow === 'running') return `${id}  nothing to do: its workflow runs`;
  return `${id}  its workflow ${missingInWords(workflow)}: ${doneInWords(of)}`;
}

function doneInWords({ outcome, state }: Repaired): string {
  const was = stateInWords({ state, pauseReasons: [] });
  switch (outcome) {
    case 'restarted':
      return `started again, ${was}`;
    case 'ended':
      return 'started again to be disconnected, which somebody had asked for';
    case 'refused':
      return 'nobody waits for this creation any more; it is refused';
    default:
      return `nothing to do, the connection is ${was}`;
  }
}
