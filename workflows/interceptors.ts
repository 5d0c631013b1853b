// What the SDK makes of a signal's name before any handler sees it. A name that begins with the SDK's own prefix fails
// the workflow task wherever names that nobody knows are handled, and the task is tried again for ever. So it gets
// another name, and is refused like any that nobody knows.
import type { WorkflowInterceptors } from '@temporalio/workflow';

const RESERVED = '__temporal_';

export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      activate(input, next) {
        for (const { signalWorkflow: signal } of input.activation.jobs ?? []) {
          if (signal?.signalName?.startsWith(RESERVED)) signal.signalName = `reserved:${signal.signalName}`;
        }
        next(input);
      },
    },
  ],
});
