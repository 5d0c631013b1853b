// Clients and workers' connections to the dev server that temporal.setup.ts started, by Temporal's own test kit. The
// kit could start a server as well, but waits only five seconds for it, which is too short on a busy machine.
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, inject } from 'vitest';

export interface TestTemporal {
  readonly client: Client;
  /** For `Worker.create`. */
  readonly connection: NativeConnection;
  /** A task queue that no other test listens on. */
  readonly taskQueue: string;
}

/** Workers must have stopped before it is disposed of. */
export async function connectTemporal(): Promise<TestTemporal & AsyncDisposable> {
  const environment = await TestWorkflowEnvironment.createFromExistingServer({ address: inject('temporalAddress') });
  return {
    client: environment.client,
    connection: environment.nativeConnection,
    taskQueue: `test-${randomUUID()}`,
    [Symbol.asyncDispose]: () => environment.teardown(),
  };
}

/** Connected for as long as the tests of a file run. */
export function useTemporal(): TestTemporal {
  let connected: (TestTemporal & AsyncDisposable) | undefined;
  const known = () => {
    if (connected === undefined) throw new Error('Temporal is connected only while a test runs');
    return connected;
  };
  beforeAll(async () => {
    connected = await connectTemporal();
  });
  afterAll(() => connected?.[Symbol.asyncDispose]());
  return {
    get client() {
      return known().client;
    },
    get connection() {
      return known().connection;
    },
    get taskQueue() {
      return known().taskQueue;
    },
  };
}
