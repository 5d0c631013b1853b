// What happens on the wire: every kind of trouble a console or the network between can make, and what becomes of it.
import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { parseAllowedOrigins } from '../../../src/domain/connection/console-address.js';
import { Secret } from '../../../src/domain/secret.js';
import { parseActivityPage } from '../../../src/sentinelone/calls/activity-page.js';
import { createSentinelOne, type SentinelOne, type SentinelOneSession } from '../../../src/sentinelone/client.js';
import type { BodyMemory } from '../../../src/sentinelone/http/body.js';
import { DEFAULT_TIMEOUTS, MAX_BODY_BYTES, type Timeouts } from '../../../src/sentinelone/http/exchange.js';
import { SentinelOneError } from '../../../src/sentinelone/sentinelone-error.js';
import { type Answer, type ConsoleStub, reply, startConsoleStub } from '../../support/console-stub.js';

const TOKEN = 'eyJ.test-token.sig';
const EMPTY_PAGE = '{"data":[],"pagination":{"totalItems":0,"nextCursor":null}}';
const QUERY = { accountId: '1000000000000000001', createdAtGte: '2026-01-15T09:00:00.000000Z' };

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function aConsole(answer: Answer): Promise<ConsoleStub> {
  const stub = await startConsoleStub(answer);
  cleanups.push(() => stub.stop());
  return stub;
}

interface ClientFields {
  readonly allowed?: string;
  readonly timeouts?: Partial<Timeouts>;
  readonly signal?: AbortSignal;
  readonly totalTimeoutMs?: number;
  readonly impatient?: boolean;
  readonly requestsPerSecond?: number;
}

function aSession(origin: string, fields: ClientFields = {}): SentinelOneSession {
  const { allowed = origin, timeouts = {}, requestsPerSecond = 0, ...session } = fields;
  const origins = parseAllowedOrigins(allowed);
  if (!origins.ok) throw new Error(origins.problem);
  const client: SentinelOne = createSentinelOne({
    allowedOrigins: origins.origins,
    userAgent: 'test/1',
    requestsPerSecond,
    timeouts,
  });
  cleanups.push(() => client.close());
  return client.session({ origin, token: new Secret(TOKEN), ...session });
}

const withoutSum = (packed: Buffer) => packed.fill(0, packed.length - 4);

/** The error that a call ended with; an answer instead is a failed test. */
async function errorOf(call: Promise<unknown>): Promise<SentinelOneError> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SentinelOneError)) throw new Error('expected a SentinelOneError', { cause: error });
  return error;
}

describe('a request', () => {
  test('carries the token in the documented form, and the frozen query', async () => {
    const stub = await aConsole((_request, response) => reply(response, 200, EMPTY_PAGE));
    await aSession(stub.origin).pageOfActivities(
      { ...QUERY, createdAtLt: '2026-01-16T09:00:00.000000Z', siteIds: ['1', '2'] },
      'a+b/==',
      parseActivityPage,
    );
    const [request] = stub.requests;
    expect(request?.headers).toMatchObject({ authorization: `ApiToken ${TOKEN}`, 'user-agent': 'test/1' });
    expect(request?.query).toEqual({
      accountIds: QUERY.accountId,
      createdAt__gte: QUERY.createdAtGte,
      createdAt__lt: '2026-01-16T09:00:00.000000Z',
      siteIds: '1,2',
      sortBy: 'createdAt',
      sortOrder: 'asc',
      limit: '1000',
      skipCount: 'true',
      cursor: 'a+b/==',
    });
  });

  test('is not made to an origin outside the list', async () => {
    const stub = await aConsole((_request, response) => reply(response, 200, EMPTY_PAGE));
    const error = await errorOf(aSession(stub.origin, { allowed: 'https://*.sentinelone.net' }).getSystemInfo());
    expect(error).toMatchObject({ code: 's1.address_refused', status: null });
    expect(stub.requests).toEqual([]);
  });

  test('waits for its turn and can be given up meanwhile', async () => {
    const stub = await aConsole((_request, response) => reply(response, 200, EMPTY_PAGE));
    const controller = new AbortController();
    const session = aSession(stub.origin, { requestsPerSecond: 0.01, signal: controller.signal });
    await session.pageOfActivities(QUERY, null, parseActivityPage);
    const waiting = session.pageOfActivities(QUERY, null, parseActivityPage);
    controller.abort(new Error('worker stops'));
    await expect(waiting).rejects.toThrow('worker stops');
    expect(stub.requests).toHaveLength(1);
  });
});

describe('a reply', () => {
  const HTML_429 = '<html><head><title>429 Too Many Requests</title></head></html>';

  test.each<[string, Answer, Record<string, unknown>]>([
    [
      'HTML 429 with Retry-After',
      (_, response) => reply(response, 429, HTML_429, { 'content-type': 'text/html', 'retry-after': '7' }),
      { code: 's1.rate_limited', retryAfterMs: 7000 },
    ],
    [
      'HTML 429 without Retry-After',
      (_, response) => reply(response, 429, HTML_429, { 'content-type': 'text/html' }),
      { code: 's1.rate_limited', retryAfterMs: null },
    ],
    ['503', (_, response) => reply(response, 503, 'upstream'), { code: 's1.unavailable', status: 503 }],
    [
      '403',
      (_, response) => reply(response, 403, { errors: [{ title: 'Insufficient permissions' }] }),
      { code: 's1.permission_missing', detail: 'Insufficient permissions' },
    ],
    [
      '400',
      (_, response) => reply(response, 400, { errors: [{ title: 'Validation Error', detail: 'limit: bad' }] }),
      { code: 's1.bad_request', detail: 'limit: bad', cursorRejected: false },
    ],
    [
      'a redirect',
      (_, response) => reply(response, 302, '', { location: 'https://evil.example/' }),
      { code: 's1.bad_response', status: 302 },
    ],
    [
      'a web page',
      (_, response) => reply(response, 200, '<html>login</html>', { 'content-type': 'text/html' }),
      { code: 's1.bad_response' },
    ],
    ['no JSON', (_, response) => reply(response, 200, 'OK'), { code: 's1.bad_response', status: 200 }],
    [
      'errors in a 200',
      (_, response) => reply(response, 200, { data: [], errors: [{ title: 'Internal server error' }] }),
      { code: 's1.bad_response', detail: 'Internal server error' },
    ],
    ['another shape', (_, response) => reply(response, 200, { data: { sites: [] } }), { code: 's1.bad_response' }],
    ['half a page', (_, response) => reply(response, 200, EMPTY_PAGE.slice(0, 30)), { code: 's1.bad_response' }],
    ...(
      [
        ['unpacked', 'gzip', () => gzipSync(Buffer.alloc(MAX_BODY_BYTES + 1, ' ')), /larger than/],
        ['cut', 'gzip', () => gzipSync(EMPTY_PAGE).subarray(0, 20), /unpacked/],
        ['of another kind than it says', 'gzip', () => Buffer.from(EMPTY_PAGE), /unpacked/],
        ['with a wrong checksum', 'deflate', () => withoutSum(deflateSync(EMPTY_PAGE)), /unpacked/],
        ['in a coding that nobody asked for', 'br', () => brotliCompressSync(EMPTY_PAGE), /encoded as br/],
      ] as const
    ).map(([name, coding, body, detail]): [string, Answer, Record<string, unknown>] => [
      `a packed body ${name === 'unpacked' ? 'over the limit when it is unpacked' : name}`,
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding });
        response.end(body());
      },
      { code: 's1.bad_response', status: null, detail: expect.stringMatching(detail) as unknown },
    ]),
    [
      'a body over the limit',
      (_, response) => reply(response, 200, Buffer.alloc(MAX_BODY_BYTES + 1, ' ').toString()),
      { code: 's1.bad_response', status: null },
    ],
    [
      'a connection closed before the headers',
      (_, response) => response.destroy(),
      { code: 's1.unavailable', status: null },
    ],
    [
      'a reset in the middle of the body',
      (_, response) => {
        response.writeHead(200, { 'content-length': '5000' });
        response.write('{"data":[', () => response.destroy());
      },
      { code: 's1.unavailable' },
    ],
    [
      'a chunked body that ends early',
      (_, response) => {
        response.writeHead(200);
        response.write(EMPTY_PAGE, () => response.socket?.destroy());
      },
      { code: 's1.unavailable' },
    ],
  ])('of %s', async (_case, answer, expected) => {
    const stub = await aConsole(answer);
    expect(await errorOf(aSession(stub.origin).pageOfActivities(QUERY, null, parseActivityPage))).toMatchObject({
      endpoint: 'activities',
      ...expected,
    });
    expect(stub.requests).toHaveLength(1);
  });

  test.each([400, 404])('of %d to a cursor says that the cursor died', async (status) => {
    const stub = await aConsole((_request, response) => reply(response, status, { errors: [{ title: 'Bad cursor' }] }));
    const session = aSession(stub.origin);
    expect(await errorOf(session.pageOfActivities(QUERY, 'dead', parseActivityPage))).toMatchObject({
      cursorRejected: true,
    });
    expect(await errorOf(session.pageOfActivities(QUERY, null, parseActivityPage))).toMatchObject({
      cursorRejected: false,
    });
  });

  test.each([
    ['says how long it is', true],
    ['does not', false],
  ])('whose body %s and comes in many pieces lies in the memory that was lent', async (_, saysLength) => {
    const rows = Array.from({ length: 900 }, (_row, n) => ({ id: String(n), text: 'é'.repeat(500) }));
    const body = JSON.stringify({ data: rows, pagination: { nextCursor: null } });
    const stub = await aConsole((_request, response) => {
      response.setHeader('content-type', 'application/json');
      if (saysLength) response.setHeader('content-length', Buffer.byteLength(body));
      Readable.from(body.match(/.{1,100000}/gs) ?? []).pipe(response);
    });
    const taken: Buffer[] = [];
    const given: Buffer[] = [];
    const memory: BodyMemory = {
      take(size) {
        taken.push(Buffer.alloc(size));
        return taken.at(-1)!;
      },
      giveBack: (buffer) => given.push(buffer),
    };
    const open = (bytes: Buffer) => ({ bytes, rowCount: 900, nextCursor: null });
    const { bytes } = await aSession(stub.origin).pageOfActivities(QUERY, null, open, memory);
    expect(bytes.toString()).toBe(body);
    expect(bytes.buffer).toBe(taken.at(-1)?.buffer);
    expect(given).toEqual(taken.slice(0, -1));
    expect(taken.length).toBe(saysLength ? 1 : 3);
  });

  test.each([
    ['gzip', gzipSync],
    ['GZIP ', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['identity', (body: Buffer) => body],
    ['', (body: Buffer) => body],
  ] as const)('that was packed as %j on its way is unpacked', async (coding, pack) => {
    const rows = Array.from({ length: 2_000 }, (_, n) => ({ id: String(n), name: 'Ålesund' }));
    const body = JSON.stringify({ data: rows, pagination: { nextCursor: null } });
    const stub = await aConsole((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(coding ? { 'content-encoding': coding } : {}),
      });
      response.end(pack(Buffer.from(body)));
    });
    const open = (bytes: Buffer) => ({ text: bytes.toString(), rowCount: 2_000, nextCursor: null });
    expect((await aSession(stub.origin).pageOfActivities(QUERY, null, open)).text).toBe(body);
    expect(stub.requests[0]?.headers['accept-encoding']).toBe('gzip');
  });

  test('that leads an empty page to itself is refused, and the page is closed', async () => {
    const stub = await aConsole((_request, response) =>
      reply(response, 200, { data: [], pagination: { nextCursor: 'again' } }),
    );
    const session = aSession(stub.origin);
    expect(await session.pageOfActivities(QUERY, null, parseActivityPage)).toEqual({
      rows: [],
      rowCount: 0,
      nextCursor: 'again',
    });
    let closed = 0;
    const open = (bytes: Buffer) => ({ ...parseActivityPage(bytes), close: () => void (closed += 1) });
    expect(await errorOf(session.pageOfActivities(QUERY, 'again', open))).toMatchObject({ code: 's1.bad_response' });
    expect(closed).toBe(1);
  });

  test('that echoes the token does not give it away', async () => {
    const detail = `token ${TOKEN} unknown\r\n${'x'.repeat(1000)}`;
    const stub = await aConsole((_request, response) => reply(response, 400, { errors: [{ title: 'Bad', detail }] }));
    const error = await errorOf(aSession(stub.origin).getTokenDetails());
    expect(error.detail).toMatch(/^token \[secret\] unknown x+$/);
    expect(error.detail.length).toBeLessThanOrEqual(300);
    expect(error.message).toBe('s1.bad_request: SentinelOne users/api-token-details answered 400');
  });
});

describe('an outage', () => {
  test.each<[string, Partial<Timeouts>, Answer]>([
    ['no headers', { headersMs: 50 }, () => undefined],
    [
      'a body that stops',
      { bodyMs: 50 },
      (_, response) => {
        response.writeHead(200);
        response.write('{');
      },
    ],
    [
      'a body that drips in for ever',
      { totalMs: 200 },
      (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('by %s', async (_case, timeouts, answer) => {
    const stub = await aConsole(answer);
    const error = await errorOf(aSession(stub.origin, { timeouts }).getSystemInfo());
    expect(error).toMatchObject({ code: 's1.unavailable', status: null });
  });

  describe('of a console that is silent, to an impatient session,', () => {
    const INFO = JSON.stringify({ data: { latestAgentVersion: '1' } });
    const silentAfter = (pieces: number, pauseMs: number): Answer => {
      return (_, response) => {
        let sent = 0;
        const send = () => {
          if (sent === 0) response.writeHead(200, { 'content-type': 'application/json' });
          if (sent === pieces) response.end(INFO);
          else response.write(' ');
          sent += 1;
          if (sent <= pieces) setTimeout(send, pauseMs);
        };
        setTimeout(send, pauseMs);
      };
    };
    const hungAfterHeaders: Answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"data":');
    };

    test.each<[string, Answer]>([
      ['before the headers', () => undefined],
      ['in the middle of the body', hungAfterHeaders],
    ])('%s', async (_, answer) => {
      const stub = await aConsole(answer);
      const error = await errorOf(
        aSession(stub.origin, { impatient: true, timeouts: { silentMs: 100 } }).getSystemInfo(),
      );
      expect(error).toMatchObject({ code: 's1.unavailable', status: null, detail: 'timed out' });
    });

    test('is none while the reply keeps flowing, nor to a session that has the time', async () => {
      const flowing = await aConsole(silentAfter(12, 50));
      const startedAtMs = performance.now();
      await aSession(flowing.origin, { impatient: true, timeouts: { silentMs: 300 } }).getSystemInfo();
      expect(performance.now() - startedAtMs).toBeGreaterThan(500);
      const slow = await aConsole(silentAfter(1, 200));
      await aSession(slow.origin, { timeouts: { silentMs: 50 } }).getSystemInfo();
      expect(
        await errorOf(aSession(slow.origin, { impatient: true, timeouts: { silentMs: 50 } }).getSystemInfo()),
      ).toMatchObject({ code: 's1.unavailable' });
    });

    test('lasts 15 seconds', () => expect(DEFAULT_TIMEOUTS.silentMs).toBe(15_000));
  });

  test('by a port where nothing listens', async () => {
    const stub = await startConsoleStub(() => undefined);
    await stub.stop();
    expect(await errorOf(aSession(stub.origin).getSystemInfo())).toMatchObject({
      code: 's1.unavailable',
      detail: 'ECONNREFUSED',
    });
  });

  test('by a name that does not resolve, and by a server that speaks no TLS', async () => {
    const stub = await aConsole((_request, response) => reply(response, 200, {}));
    const secure = stub.origin.replace('http:', 'https:');
    expect(await errorOf(aSession('http://console.invalid').getSystemInfo())).toMatchObject({ code: 's1.unavailable' });
    expect(await errorOf(aSession(secure).getSystemInfo())).toMatchObject({ code: 's1.unavailable' });
  });

  test('is what a deadline of the caller means, and nothing else that aborts', async () => {
    const stub = await aConsole(() => undefined);
    expect(await errorOf(aSession(stub.origin, { signal: AbortSignal.timeout(50) }).getSystemInfo())).toMatchObject({
      code: 's1.unavailable',
    });
    expect(await errorOf(aSession(stub.origin, { totalTimeoutMs: 50 }).getSystemInfo())).toMatchObject({
      code: 's1.unavailable',
    });
    // Where the request still waited for its turn, the console has not been asked.
    const paced = aSession(stub.origin, { requestsPerSecond: 10, signal: AbortSignal.timeout(50) });
    const [, second] = await Promise.all([errorOf(paced.getSystemInfo()), errorOf(paced.getSystemInfo())]);
    expect(second).toMatchObject({ code: 's1.rate_limited', status: null });
    const stopped = AbortSignal.abort(new Error('worker stops'));
    await expect(aSession(stub.origin, { signal: stopped }).getSystemInfo()).rejects.toThrow('worker stops');
  });
});

describe('a 401', () => {
  const refused = { errors: [{ code: 4010010, title: 'Authentication Failed', detail: null }] };
  /** Refuses everything but `/system/info`, which answers with these statuses in turn. */
  const consoleWhereInfoIs = (...statuses: readonly number[]) => {
    let asked = 0;
    return aConsole(({ endpoint }, response) => {
      const status = endpoint === 'system/info' ? (statuses[asked++] ?? 500) : 401;
      reply(response, status, status === 200 ? { data: { build: '1' } } : refused);
    });
  };

  test.each([
    [401, 's1.token_rejected', 'activities'],
    [200, 's1.permission_missing', 'activities'],
    [503, 's1.unavailable', 'system/info'],
    [429, 's1.rate_limited', 'system/info'],
    [404, 's1.bad_response', 'system/info'],
  ])('while /system/info answers %d is %s', async (status, code, endpoint) => {
    const stub = await consoleWhereInfoIs(status);
    expect(await errorOf(aSession(stub.origin).pageOfActivities(QUERY, null, parseActivityPage))).toMatchObject({
      code,
      endpoint,
    });
    expect(stub.requests.map((request) => request.endpoint)).toEqual(['activities', 'system/info']);
  });

  test('of /system/info itself is asked twice before the token is condemned', async () => {
    const dead = await consoleWhereInfoIs(401, 401);
    expect(await errorOf(aSession(dead.origin).getSystemInfo())).toMatchObject({ code: 's1.token_rejected' });
    const hiccup = await consoleWhereInfoIs(401, 200);
    expect(await aSession(hiccup.origin).getSystemInfo()).toMatchObject({ build: '1' });
  });
});

describe('the console’s clock', () => {
  test('is measured by any reply, also a refusal', async () => {
    const date = 'Thu, 15 Jan 2026 09:00:00 GMT';
    const stub = await aConsole((_request, response) => reply(response, 503, '', { date }));
    const session = aSession(stub.origin);
    await errorOf(session.getSystemInfo());
    expect(Math.abs(session.consoleNowMicros() - Date.parse(date) * 1000)).toBeLessThan(5_000_000);
    await session.measureClock();
    expect(stub.requests).toHaveLength(1);
  });

  test('is asked for when no reply has been seen', async () => {
    const stub = await aConsole((_request, response) => reply(response, 200, { data: {} }));
    await aSession(stub.origin).measureClock();
    expect(stub.requests.map((request) => request.endpoint)).toEqual(['system/info']);
  });
});
