// The time at which Temporal committed what the workflow decided: an activity is scheduled in the same commit as
// everything else of its workflow task. No other time tells it: the workflow's own is that at which its task was handed
// out, and a worker that was frozen meanwhile sees a moment that is long gone.
import { Context } from '@temporalio/activity';
import type { Activities } from './contract.js';

export const readCommitTime: Activities['readCommitTime'] = () =>
  Promise.resolve(new Date(Context.current().info.scheduledTimestampMs).toISOString());
