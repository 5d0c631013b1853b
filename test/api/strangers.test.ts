// What somebody without credentials can take from the api: nothing that is not given back, and nobody else's time.
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_WAITING } from '../../src/api/server/turns.js';
import { type ApiStage, openApiStage } from './support/api-stage.js';
import { allOf, get, rawSocket } from './support/raw-socket.js';

const UNREAD_MS = 1_000;
const REPLY_MS = 1_500;

let stage: ApiStage;
beforeAll(async () => (stage = await openApiStage({ unreadMs: UNREAD_MS, replyMs: REPLY_MS })));
afterAll(() => stage.close());

const descriptors = async () => (await readdir('/proc/self/fd')).length;
const bundle = get('/docs/swagger-ui-bundle.js');

test.runIf(process.platform === 'linux')(
  'a socket that pipelines more than anybody does is cut, and no file is left open',
  async () => {
    const before = await descriptors();
    for (const path of ['/docs/swagger-ui-bundle.js', '/openapi.json', '/v1/account', '/docs']) {
      const socket = await rawSocket(stage.url);
      socket.pause();
      socket.write(get(path).repeat(1_200));
      await pause(100);
      socket.destroy();
    }
    await expect.poll(descriptors, { timeout: 5_000 }).toBeLessThanOrEqual(before + 2);
  },
);

test('nobody else waits for those who pipeline and do not read', async () => {
  const hostile = await Promise.all(Array.from({ length: 20 }, () => rawSocket(stage.url)));
  for (const socket of hostile) {
    socket.pause();
    socket.write(get('/openapi.json').repeat(1_400));
  }
  const took: number[] = [];
  for (let count = 0; count < 20; count++) {
    const startedAtMs = performance.now();
    expect((await stage.call('GET /healthz')).status).toBe(200);
    took.push(performance.now() - startedAtMs);
  }
  for (const socket of hostile) socket.destroy();
  // It was 11.8 s. What is left is how busy the machine is; the script of hostile clients prints the real figure.
  expect(Math.max(...took)).toBeLessThan(4_000);
});

test('those in line are answered one after the other, in order', async () => {
  const socket = await rawSocket(stage.url);
  const reply = allOf(socket);
  const inLine = Array.from({ length: MAX_WAITING - 1 }, () => get('/v1/nothing'));
  socket.write([get('/healthz'), ...inLine, get('/healthz', 'connection: close')].join(''));
  const statuses = [...(await reply).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  expect(statuses).toEqual(['200', ...inLine.map(() => '404'), '200']);
});

test('a client that does not read what it asked for is cut', async () => {
  const socket = await rawSocket(stage.url);
  socket.pause();
  socket.write(bundle.repeat(MAX_WAITING));
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      stage.app
        .getHttpServer()
        .getConnections((error: Error | null, count: number) => (error ? reject(error) : resolve(count))),
    );
  const before = await connections();
  await expect.poll(connections, { timeout: UNREAD_MS * 5 }).toBeLessThan(before);
  socket.destroy();
});

test('a slow reader that reads gets everything', async () => {
  const whole = await (await fetch(`${stage.url}/docs/swagger-ui-bundle.js`)).arrayBuffer();
  const socket = await rawSocket(stage.url);
  socket.write(get('/docs/swagger-ui-bundle.js', 'connection: close'));
  let bytes = 0;
  socket.on('data', (piece: Buffer) => {
    bytes += piece.length;
    socket.pause();
    setTimeout(() => socket.resume(), 30);
  });
  await once(socket, 'close');
  expect(bytes).toBeGreaterThan(whole.byteLength);
});

test('a body that comes too slowly has one reply, and the socket ends with it', async () => {
  const socket = await rawSocket(stage.url);
  const head = ['POST /v1/auth/sign-in/email HTTP/1.1', 'host: api', 'content-type: application/json'];
  const reply = allOf(socket);
  socket.write(`${[...head, 'content-length: 100', '', ''].join('\r\n')}{"email":`);
  const text = await reply;
  expect(text.match(/HTTP\/1\.1 \d+/g)).toHaveLength(1);
});

test('what is no HTTP behind a request does not take the place of its reply', async () => {
  const socket = await rawSocket(stage.url);
  const reply = allOf(socket);
  socket.write(`${get('/openapi.json')}no HTTP\r\n\r\n`);
  const text = await reply;
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
});

test('documents and files are the same bytes for GET and HEAD; what the page does not ask for is not there', async () => {
  const head = await fetch(`${stage.url}/docs/swagger-ui.css`, { method: 'HEAD' });
  const body = await (await fetch(`${stage.url}/docs/swagger-ui.css`)).arrayBuffer();
  expect(Number(head.headers.get('content-length'))).toBe(body.byteLength);
  expect(head.headers.get('content-type')).toMatch('text/css');
  expect((await stage.call('GET /docs')).text).toContain('swagger-ui-bundle.js');
  expect((await stage.call('GET /docs/swagger-ui-init.js')).text).toContain('/v1/organizations');
  expect((await stage.call('GET /docs/problems')).status).toBe(200);
  expect((await stage.call('GET /docs/swagger-ui-bundle.js.map')).status).toBe(404);
  expect((await stage.call('GET /docs/package.json')).status).toBe(404);
});

test('the addresses of one IPv6 network are counted as one', async () => {
  const plenty = { general: 1e9, account: 1e9, siem: 1e9 };
  const limited = await openApiStage({ trustedProxies: 'loopback', parts: { rateLimits: { ...plenty, address: 2 } } });
  const from = async (address: string) =>
    (await limited.call('GET /v1/organizations', { headers: { 'x-forwarded-for': address } })).status;
  const statuses = [await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8::3')];
  expect(statuses).toEqual([401, 401, 429]);
  expect(await from('2001:db8:0:1::1')).toBe(401);
  await limited.close();
});

test('however many ask whether it is ready, PostgreSQL and Temporal are asked once a second', async () => {
  let looks = 0;
  const readiness = { missing: async () => [`look ${++looks}`] };
  const asked = await openApiStage({ parts: { readiness } });
  const startedAtMs = performance.now();
  const replies = await Promise.all(Array.from({ length: 50 }, () => asked.call('GET /readyz')));
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([503]));
  expect(looks).toBeLessThanOrEqual(1 + (performance.now() - startedAtMs) / 1_000);
  const before = looks;
  await expect
    .poll(async () => (await asked.call('GET /readyz')).body.detail, { timeout: 3_000 })
    .toBe(`look ${before + 1}`);
  await asked.close();
});
