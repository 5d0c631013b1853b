// How a connection's workflow is started, whether the connection is new or its workflow was lost.
import type { connection } from '../../workflows/connection.workflow.js';
import { type ConnectionInput, SCHEMA_VERSION } from '../../workflows/connection/messages.js';
import type { ConnectionState } from '../domain/connection/connection-state.js';
import { SEARCH_ATTRIBUTES, workflowId } from '../domain/temporal-names.js';

export type NewInput = Omit<ConnectionInput, 'schemaVersion'>;

/** `state`: what people see of it until the workflow shows its own. */
export const startOptions = (
  input: NewInput,
  { taskQueue, state }: { readonly taskQueue: string; readonly state: ConnectionState },
) => ({
  workflowId: workflowId(input.accountId, input.connectionId),
  taskQueue,
  args: [{ schemaVersion: SCHEMA_VERSION, ...input }] as Parameters<typeof connection>,
  typedSearchAttributes: [
    { key: SEARCH_ATTRIBUTES.accountId, value: input.accountId },
    { key: SEARCH_ATTRIBUTES.connectionState, value: state },
    { key: SEARCH_ATTRIBUTES.console, value: input.console },
  ],
  // Seen beside the workflow in the Temporal UI. A static summary would not be there any more in the next run.
  memo: { console: new URL(input.console).host },
  priority: { fairnessKey: input.accountId },
});
