import type { PlainCommand } from '../../api/connections/connection-desk.service.js';
import { countersInWords, nextSteps, stateInWords } from '../text/connection-words.js';
import { findConnection } from './find.js';
import { doer, type Program } from './program.js';

/** Pause, resume, recheck and sync: sent to the workflow, answered by the connection as it is afterwards. */
export const plainCommand =
  (command: PlainCommand): Program =>
  async (context) => {
    const { tools, output } = context;
    const { accountId, connectionId } = await findConnection(context);
    const { status, body } = await tools.desk.command(doer(context, accountId), connectionId, command);
    const isDone = status === 200;
    output.result({ done: isDone, connection: body }, () =>
      [
        isDone ? 'Done.' : 'Accepted, and not done within ten seconds; `connection show` tells what becomes of it.',
        `${body.name} is ${stateInWords(body)}; ${countersInWords(body)}.`,
        ...nextSteps(body).map((step) => `  ${step}`),
      ].join('\n'),
    );
  };
