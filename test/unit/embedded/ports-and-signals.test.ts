// Which port a part gets, and what a Ctrl-C means.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { chooseFreePorts, choosePort, isPortFree, LOOPBACK } from '../../../src/embedded/processes/free-port.js';
import { claimPort } from '../../../src/embedded/processes/port-claims.js';
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

test('processes that prefer one port at the same moment all get different ones, until they have ended', async () => {
  const [preferred = 0] = await chooseFreePorts(1);
  const next = preferred + 1; // claimed by nobody
  const moduleUrl = new URL('../../../src/embedded/processes/free-port.ts', import.meta.url).href;
  const script = `
    const { choosePort } = await import(${JSON.stringify(moduleUrl)});
    process.stdin.once('data', async () => process.stdout.write(String(await choosePort(${next}))));
    process.stdin.once('end', () => process.exit(0));
    process.stdout.write('ready ');`;
  const starters = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  onTestFinished(() => starters.forEach((each) => each.kill('SIGKILL')));
  const said = starters.map(() => '');
  starters.forEach((each, n) => each.stdout.on('data', (text) => (said[n] += String(text))));
  const all = (pattern: RegExp) => expect.poll(() => said.every((text) => pattern.test(text)), { timeout: 25_000 });
  await all(/^ready/).toBe(true);
  for (const each of starters) each.stdin.write('go');
  await all(/^ready \d+$/).toBe(true);
  const ports = said.map((text) => Number(text.slice('ready '.length)));
  expect(new Set(ports).size).toBe(4);
  const ended = starters.map((each) => once(each, 'exit'));
  for (const each of starters) each.stdin.end();
  await Promise.all(ended);
  expect(await claimPort(next)).toBe(true);
});

test.each([
  { stoppingSinceMs: undefined, nowMs: 10_000, request: 'stop' },
  { stoppingSinceMs: 10_000, nowMs: 10_000, request: 'repeated' },
  { stoppingSinceMs: 10_000, nowMs: 11_999, request: 'repeated' },
  { stoppingSinceMs: 10_000, nowMs: 12_000, request: 'force' },
])('a signal at $nowMs ms, with stopping begun at $stoppingSinceMs, means $request', (row) => {
  expect(stopRequest(row.stoppingSinceMs, row.nowMs)).toBe(row.request);
});
