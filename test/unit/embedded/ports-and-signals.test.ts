// Which port a part gets, and what a Ctrl-C means.
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { chooseFreePorts, choosePort, isPortFree, LOOPBACK } from '../../../src/embedded/processes/free-port.js';
import { stopRequest } from '../../../src/embedded/processes/supervisor.js';

test('a preferred port is taken when it is free, else another one', async () => {
  const [preferred = 0] = await chooseFreePorts(1);
  expect(await choosePort(preferred)).toBe(preferred);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(preferred, LOOPBACK, resolve));
  onTestFinished(() => void server.close());
  expect(await isPortFree(preferred)).toBe(false);
  expect(await choosePort(preferred)).not.toBe(preferred);
});

test('ports chosen together are all different', async () => {
  const ports = await chooseFreePorts(20);
  expect(new Set(ports).size).toBe(20);
});

test.each([
  { stoppingSinceMs: undefined, nowMs: 10_000, request: 'stop' },
  { stoppingSinceMs: 10_000, nowMs: 10_000, request: 'repeated' },
  { stoppingSinceMs: 10_000, nowMs: 11_999, request: 'repeated' },
  { stoppingSinceMs: 10_000, nowMs: 12_000, request: 'force' },
])('a signal at $nowMs ms, with stopping begun at $stoppingSinceMs, means $request', (row) => {
  expect(stopRequest(row.stoppingSinceMs, row.nowMs)).toBe(row.request);
});
