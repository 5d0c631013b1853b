// What the maintenance workflow makes of a run that fails. That it is scheduled is tested in freeze-
// statements.test.ts.
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import type { MaintenanceOutcome } from '../../activities/contract.js';
import { MAINTENANCE_WORKFLOW } from '../../src/domain/temporal-names.js';
import { useTemporal } from '../support/temporal.js';
import { workflowBundle } from './harness.js';

const temporal = useTemporal();

const DONE: MaintenanceOutcome = { done: { partitionsMade: 6, rejects: 0 }, failed: [] };

async function withWorker(maintain: () => Promise<MaintenanceOutcome>, work: () => Promise<void>): Promise<void> {
  const { connection, taskQueue } = temporal;
  const options = { connection, taskQueue, activities: { maintain }, workflowBundle: await workflowBundle() };
  await (await Worker.create(options)).runUntil(work);
}

const execute = (name: string): Promise<unknown> => {
  const { client, taskQueue } = temporal;
  return client.workflow.execute(MAINTENANCE_WORKFLOW, { taskQueue, workflowId: `${name}-${taskQueue}` });
};

test('a run that failed is tried again', async () => {
  let tries = 0;
  const maintain = () => {
    tries += 1;
    if (tries === 1) throw ApplicationFailure.create({ type: 'store.unavailable', nextRetryDelay: 50 });
    return Promise.resolve(DONE);
  };
  await withWorker(maintain, async () => expect(await execute('again')).toEqual(DONE));
  expect(tries).toBe(2);
});

test('one that fails three times fails the workflow, with the steps that could not be done', async () => {
  let tries = 0;
  const outcome: MaintenanceOutcome = { done: { partitionsMade: 6 }, failed: ['connections'] };
  const maintain = (): Promise<MaintenanceOutcome> => {
    tries += 1;
    throw ApplicationFailure.create({ type: 'internal', message: 'internal', details: [outcome], nextRetryDelay: 50 });
  };
  await withWorker(maintain, async () => {
    const error: unknown = await execute('failing').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const failure = (error as WorkflowFailedError).cause?.cause;
    expect(failure).toMatchObject({ type: 'internal', details: [outcome] });
  });
  expect(tries).toBe(3);
});
