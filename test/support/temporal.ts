// Clients and workers' connections to the dev server that temporal.setup.ts started.
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { inject } from 'vitest';

export interface TestTemporal extends AsyncDisposable {
  readonly client: Client;
  /** For `Worker.create`. */
  readonly connection: NativeConnection;
  /** A task queue that no other test listens on. */
  readonly taskQueue: string;
}

/** One per test file; workers must have stopped before it is disposed of. */
export async function connectTemporal(): Promise<TestTemporal> {
  const address = inject('temporalAddress');
  const clientConnection = await Connection.connect({ address });
  const connection = await NativeConnection.connect({ address });
  return {
    client: new Client({ connection: clientConnection }),
    connection,
    taskQueue: `test-${randomUUID()}`,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await clientConnection.close();
    },
  };
}
