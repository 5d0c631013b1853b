import type { PlainCommand } from '../../api/connections/connection.service.js';
import { countersInWords, nextSteps, stateInWords } from '../text/connection-words.js';
import { findConnection } from './find.js';
import { doer, type Program } from './program.js';

/** Pause, resume, recheck and sync: sent to the workflow, answered by the connection as it is afterwards. */
export const plainCommand =
  (command: PlainCommand): Program =>
  async (context) => {
    const { tools, output } = context;
    const { accountId, connectionId } = await findConnection(context);
    const { done, body } = await tools.temporal().connections[command](doer(context, accountId), connectionId);
    output.result({ done, connection: body }, () =>
      [
        done ? 'Done.' : 'Accepted, and not done within ten seconds; `connection show` tells what becomes of it.',
        `${body.name} is ${stateInWords(body)}; ${countersInWords(body)}.`,
        ...nextSteps(body).map((step) => `  ${step}`),
      ].join('\n'),
    );
  };
