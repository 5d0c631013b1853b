// What holds for every route: how errors look, what is too big or too slow, and the headers.
import { connect } from 'node:net';
import { Controller, type DynamicModule, Get } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Public } from '../../src/api/http/access.decorator.js';
import { REQUEST_METRICS, type RequestMetrics } from '../../src/api/metrics/request-metrics.js';
import { serveMetrics } from '../../src/api/metrics/serve-metrics.js';
import { type ApiStage, aPrincipal, openApiStage } from './support/api-stage.js';

@Controller('test')
class FaultyController {
  @Get('bug')
  @Public()
  bug() {
    throw new Error('the token is s3cr3t');
  }

  @Get('slow')
  @Public()
  slow() {
    return new Promise(() => undefined);
  }

  @Get('undeclared')
  undeclared() {
    return 'nobody should see this';
  }
}

const withFaults = (module: DynamicModule): DynamicModule => ({
  ...module,
  controllers: [...(module.controllers ?? []), FaultyController],
});

let stage: ApiStage;
const admin = () => aPrincipal(stage.ours);

beforeAll(async () => {
  stage = await openApiStage({ change: withFaults, replyMs: 1_000 });
});
afterAll(() => stage.close());

const json = { 'content-type': 'application/json' };

describe('a request that cannot be answered gets a problem document', () => {
  test.each([
    ['POST /v1/organizations', { body: '{"name":', headers: json }, 400, 'malformed_request'],
    ['POST /v1/organizations', { body: '['.repeat(200_000), headers: json }, 400, 'malformed_request'],
    [
      'POST /v1/organizations',
      { body: '{}', headers: { ...json, 'content-encoding': 'zip' } },
      415,
      'unsupported_media_type',
    ],
    [
      'POST /v1/organizations',
      { body: '{}', headers: { 'content-type': 'application/json; charset=x' } },
      415,
      'unsupported_media_type',
    ],
    ['POST /v1/organizations', { body: { name: 'x'.repeat(1_048_577) } }, 413, 'body_too_large'],
    [
      'POST /v1/organizations',
      { body: 'name=x', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    [
      'PATCH /v1/account',
      { body: '<name>x</name>', headers: { 'content-type': 'application/xml' } },
      415,
      'unsupported_media_type',
    ],
    ['POST /v1/organizations', {}, 415, 'unsupported_media_type'],
    ['POST /v1/organizations/import', {}, 415, 'unsupported_media_type'],
    ['POST /v1/organizations', { body: {} }, 422, 'invalid_input'],
    ['GET /v1/organizations/%E0%A4%A', {}, 400, 'malformed_request'],
    ['GET /v1/organizations/not-an-id', {}, 422, 'invalid_input'],
    ['GET /v1/organizations?limit=0', {}, 422, 'invalid_input'],
    ['GET /v1/organizations?search=%00', {}, 422, 'invalid_input'],
    ['GET /v1/nothing', {}, 404, 'not_found'],
    ['GET /test/undeclared', {}, 403, 'forbidden'],
    ['GET /test/bug', {}, 500, 'internal'],
    ['GET /test/slow', {}, 408, 'request_timeout'],
  ])('%s (%#)', async (route, call, status, code) => {
    const reply = await stage.call(route, { as: admin(), ...call });
    expect(reply).toMatchObject({ status, body: { status, code, type: `/docs/problems#${code}` } });
    expect(reply.headers.get('content-type')).toMatch('application/problem+json');
    expect(reply.body.requestId).toBe(reply.headers.get('x-request-id'));
    expect(reply.text).not.toContain('s3cr3t');
  });

  test.each([
    ['POST /v1/organizations', { body: '{"name":', headers: json }, /JSON/],
    ['GET /v1/organizations/%zz', {}, /^the address /],
    ['DELETE /v1/organizations/%zz', {}, /^the address /],
  ])('%s says what of it cannot be read (%#)', async (route, call, sentence) => {
    const { body } = await stage.call(route, { as: admin(), ...call });
    expect(body).toMatchObject({ code: 'malformed_request', detail: expect.stringMatching(sentence) });
  });

  test.each([
    ['PUT /v1/organizations', 'GET, POST'],
    ['DELETE /v1/account', 'GET, PATCH'],
    ['POST /healthz', 'GET'],
  ])('%s says what the address takes', async (route, allow) => {
    const reply = await stage.call(route, { as: admin() });
    expect(reply).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(reply.headers.get('allow')).toBe(allow);
  });

  test('a program without credentials is told which to send; a page is not, or its browser would ask in its own dialog', async () => {
    const program = await stage.call('GET /v1/organizations');
    expect(program).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(program.headers.get('www-authenticate')).toMatch(/^Basic /);
    const page = await stage.call('GET /v1/organizations', { headers: { 'sec-fetch-site': 'same-origin' } });
    expect(page.status).toBe(401);
    expect(page.headers.get('www-authenticate')).toBeNull();
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a header that does not end', `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}`, 400],
  ])('even %s', async (_, bytes, status) => {
    const reply = await raw(bytes);
    expect(reply).toMatch(`HTTP/1.1 ${status}`);
    expect(reply).toMatch('application/problem+json');
  });
});

describe('every reply', () => {
  test('of the API is not to be stored, has an id and no name of the software', async () => {
    const { headers } = await stage.call('GET /v1/organizations', { as: admin() });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
  });

  test('has the security headers and lets no other origin read it', async () => {
    const origin = { origin: 'https://evil.example' };
    const { headers } = await stage.call('GET /v1/organizations', { as: admin(), headers: origin });
    expect(headers.get('content-security-policy')).toMatch("default-src 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

const PLENTY = { general: 1_000, account: 1_000, siem: 1_000, address: 1_000 };

describe('the number of requests a minute', () => {
  test('is limited for each caller, and says when to come back', async () => {
    const limited = await openApiStage({ parts: { rateLimits: { ...PLENTY, general: 3 } } });
    const [caller, colleague] = [aPrincipal(limited.ours), aPrincipal(limited.ours)];
    const ask = (as = caller) => limited.call('GET /v1/organizations', { as });
    const first = await ask();
    expect(first.headers.get('x-huntress-api-call-limit')).toBe('3');
    expect(first.headers.get('x-huntress-api-call-remaining')).toBe('2');
    await ask();
    expect((await ask()).headers.get('x-huntress-api-call-remaining')).toBe('0');
    const refused = await ask();
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await ask(colleague)).status).toBe(200);
    // A key may have the id of a person.
    expect((await ask({ ...caller, kind: 'api_key' })).status).toBe(200);
    await limited.close();
  });

  test('is limited for an account too, whoever of it calls; who is refused for their own takes nothing of it', async () => {
    const limited = await openApiStage({ parts: { rateLimits: { ...PLENTY, general: 2, account: 3 } } });
    const caller = aPrincipal(limited.ours);
    const ask = (as = aPrincipal(limited.ours, 'finance')) => limited.call('GET /v1/organizations', { as });
    const own = [];
    for (let count = 0; count < 4; count++) own.push((await ask(caller)).status);
    expect(own).toEqual([200, 200, 429, 429]);
    const last = await ask();
    expect(last.status).toBe(200);
    expect(last.headers.get('x-huntress-api-call-limit')).toBe('3');
    expect(last.headers.get('x-huntress-api-call-remaining')).toBe('0');
    expect(await ask()).toMatchObject({ status: 429, body: { detail: expect.stringMatching(/^this account /) } });
    expect((await ask(aPrincipal(limited.theirs))).status).toBe(200);
    await limited.close();
  });

  test('is limited for an address before anybody says who they are; probes are not counted', async () => {
    const limited = await openApiStage({ parts: { rateLimits: { ...PLENTY, address: 2 } } });
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await limited.call('GET /v1/organizations')).status);
    expect(statuses).toEqual([401, 401, 429]);
    expect((await limited.call('GET /healthz')).status).toBe(200);
    await limited.close();
  });
});

async function raw(bytes: string): Promise<string> {
  const { port, hostname } = new URL(stage.url);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  let reply = '';
  for await (const chunk of socket) reply += String(chunk);
  return reply;
}

describe('metrics', () => {
  test('count requests by route pattern, never by a path with ids in it, on a port of their own', async () => {
    const { registry } = stage.app.get<RequestMetrics>(REQUEST_METRICS);
    const server = await serveMetrics({ registry, host: '127.0.0.1', port: 0 });
    const id = '00000000-0000-4000-8000-00000000f00d';
    await stage.call(`GET /v1/organizations/${id}`, { as: admin() });
    await stage.call('GET /nowhere/secret');
    expect((await stage.call('GET /metrics')).status).toBe(404);
    const text = await (await fetch(server.url)).text();
    await server.close();
    const series = (route: string, status: number) =>
      `http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"} 1`;
    expect(text).toContain(series('/v1/organizations/:id', 404));
    expect(text).toMatch(/_count\{method="GET",route="other",status="404"\} \d+/);
    expect(text).not.toMatch(/f00d|secret/);
  });
});
