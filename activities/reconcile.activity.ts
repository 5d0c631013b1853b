// Makes Temporal and the store agree on every connection. It asks Temporal, which lies above activities, so whoever
// runs the worker hands in how; what is done people see at once, by notice and live change.
import { ApplicationFailure } from '@temporalio/common';
import { Problem } from '../src/domain/failures/problem.js';
import { describeError, failureOf, isCancellation } from './attempt/failure.js';
import { withHeartbeat } from './attempt/heartbeat.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import type { Activities } from './contract.js';
import type { Deps } from './deps.js';

const NOBODY = { checked: 0, restarted: 0, ended: 0, refused: 0, failed: 0, compared: 0 };

export const reconcile =
  (deps: Deps): Activities['reconcile'] =>
  () =>
    withHeartbeat(async (signal) => {
      if (deps.repairConnections === undefined) return NOBODY;
      try {
        const { items, ...counts } = await deps.repairConnections({ signal, compare: true });
        const done = items.filter(({ outcome }) => outcome !== 'nothing' && outcome !== 'failed');
        for (const { accountId, connectionId } of done) await connectionChanged(deps, { accountId, connectionId });
        return counts;
      } catch (error) {
        if (isCancellation(error)) throw error;
        const code = error instanceof Problem ? error.code : failureOf(error).code;
        deps.log.warn({ ...describeError(error), code }, 'connections could not be compared with Temporal this time');
        throw ApplicationFailure.create({ type: code, message: code });
      }
    });
