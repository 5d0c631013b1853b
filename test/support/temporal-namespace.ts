// A namespace of a test's own on the shared server, as whoever operates Temporal makes one: without the product's
// search attributes.
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { waitFor } from '../../src/embedded/processes/wait-for.js';
import type { TestTemporal } from './temporal.js';

export const aNamespaceName = (): string => `test-${randomUUID()}`;

/** A client of it, once every part of the server knows it. */
export async function makeNamespace({ client }: TestTemporal, namespace = aNamespaceName()): Promise<Client> {
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  const own = new Client({ connection: client.connection, namespace });
  await waitFor(`the namespace ${namespace}`, () => own.workflow.count(), { timeoutMs: 20_000 });
  return own;
}
