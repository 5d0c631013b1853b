// What the Temporal UI shows beside a connection's workflow, and what its lists are filtered by.
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { type Connection, visibleState } from '../../src/domain/connection/connection.js';
import { connectionDetails } from '../../src/domain/connection/connection-details.js';
import { SEARCH_ATTRIBUTES } from '../../src/domain/temporal-names.js';

/** Search attributes are written only where they differ: each writing is an event of the history. */
export function display(connection: Connection, of: { readonly accountId: string; readonly console: string }): void {
  setCurrentDetails(connectionDetails(connection));
  const { typedSearchAttributes: shown } = workflowInfo();
  const wanted = [
    { key: SEARCH_ATTRIBUTES.accountId, value: of.accountId },
    { key: SEARCH_ATTRIBUTES.connectionState, value: visibleState(connection) },
    { key: SEARCH_ATTRIBUTES.console, value: of.console },
  ];
  const changed = wanted.filter(({ key, value }) => shown.get(key) !== value);
  if (changed.length > 0) upsertSearchAttributes(changed);
}
