// A worker that waits for Temporal: what it says, how often, and that it stops at once. With a real Temporal it is
// tested as a process, in test/workflows/worker-start.test.ts.
import { expect, test } from 'vitest';
import { runWorkers, type RunWorkersOptions } from '../../../src/worker/run-workers.js';

function waiting(connect: RunWorkersOptions['connect']) {
  const lines: string[] = [];
  const stopping = new AbortController();
  const tell = (_fields: unknown, line?: string) => void lines.push(line ?? '');
  const log = { info: tell, warn: tell, error: tell } as unknown as RunWorkersOptions['log'];
  const never = () => expect.unreachable('nothing to run on');
  const { signal } = stopping;
  const workers = runWorkers({ log, namespace: 'ours', connect, createWorkers: never, onRunning: never, signal });
  return { workers, lines, stop: () => stopping.abort() };
}

test('an address that never answers keeps nobody from stopping', async () => {
  const { workers, stop } = waiting(() => new Promise(() => undefined));
  expect(workers.isHealthy()).toBe(false);
  stop();
  await workers.ended;
});

test('Temporal away is said once, and tried again', async () => {
  let tries = 0;
  const { workers, lines, stop } = waiting(() => {
    tries += 1;
    return Promise.reject(new Error('connection refused by 10.0.0.7'));
  });
  await expect.poll(() => tries, { timeout: 10_000 }).toBeGreaterThan(2);
  expect(lines).toEqual([
    'Temporal does not answer: start it, or see what TEMPORAL_ADDRESS names; this worker goes on trying',
  ]);
  expect(workers.isHealthy()).toBe(false);
  stop();
  await workers.ended;
});
