// The worker process before Temporal is ready for it: it says in a sentence what is missing, and goes on by itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import { choosePort } from '../../src/embedded/processes/free-port.js';
import { startProxy } from '../support/proxy.js';
import { useTemporal } from '../support/temporal.js';
import { aNamespaceName, makeNamespace } from '../support/temporal-namespace.js';
import { eventually } from './harness.js';

const temporal = useTemporal();
const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

test('a worker waits for Temporal and its namespace, and stops when told', async () => {
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  const namespace = aNamespaceName();
  const port = await choosePort(0);
  const worker = startWorker({
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_NAMESPACE: namespace,
    WORKER_PORT: String(port),
    // No part of this: a pool opens nothing before its first query.
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
    ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64url')}`,
  });
  const health = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status;

  await worker.says('Temporal does not answer: start it, or see what TEMPORAL_ADDRESS names');
  expect(await health()).toBe(503);
  proxy.point(inject('temporalAddress'));
  await worker.says(`Temporal has no namespace ${namespace}: create it by \`temporal operator namespace create`);
  expect(await health()).toBe(503);
  await makeNamespace(temporal, namespace);
  await worker.says('worker started');
  expect(await health()).toBe(200);
  worker.stop();
  expect(await worker.exitCode).toBe(0);
});

function startWorker(environment: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.worker.ts'], {
    cwd: PROJECT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const messages: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    messages.push((JSON.parse(line) as { msg: string }).msg);
  });
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exitCode;
  });
  const says = (what: string) => eventually(what, () => messages.some((message) => message.startsWith(what)));
  return { exitCode, says, stop: () => child.kill('SIGTERM') };
}
