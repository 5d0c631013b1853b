// The simulated console as a server: raw node:http, because it has to hand out tens of thousands of rows a second. Used
// in the same process by tests, and by main.ts as a process of its own.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { constants, gzipSync } from 'node:zlib';
import { Feed } from './activities/feed.js';
import { type TruthCounts, truthCounts, type TruthFilter, type TruthRow, truthRows } from './activities/truth.js';
import { type Control, controlCommands, methodsOf } from './control/control.js';
import { CONTROL_BASE, createControlHttp } from './control/control-http.js';
import { API_BASE, createApi, tokenTextOf } from './http/api.js';
import { cutBy, dateOf, type Fault, Faults, repeating, replacementOf } from './http/faults.js';
import { gatewayPage, type Reply } from './http/reply.js';
import { type RequestEntry, RequestLog } from './http/request-log.js';
import { resolveOptions, type SimulatorOptions } from './options.js';
import { type ConsoleState, createState } from './state.js';

export interface Simulator {
  /** Scheme, host and port, as a connection's console address: no path. */
  readonly url: string;
  readonly port: number;
  /** The token of account scope for the first account. */
  readonly token: string;
  readonly state: ConsoleState;
  readonly control: Control;
  readonly requests: (pathPrefix?: string) => readonly RequestEntry[];
  readonly truth: (filter?: TruthFilter) => Iterable<TruthRow>;
  readonly truthCounts: (filter?: TruthFilter) => TruthCounts;
  readonly close: () => Promise<void>;
}

/** Connections of a polling client stay open between polls; a shorter time would only provoke resets. */
const KEEP_ALIVE_MS = 65_000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const resolved = resolveOptions(options);
  const state = createState(resolved);
  const parts = { state, feed: new Feed(state), faults: new Faults(), requests: new RequestLog() };
  const commands = controlCommands(parts);
  const control = createControlHttp(parts, commands);
  const api = createApi(state);

  const serveApi = async (request: IncomingMessage, response: ServerResponse, url: URL, body: string) => {
    const startedAtMs = performance.now();
    const path = url.pathname.slice(API_BASE.length);
    const method = request.method ?? 'GET';
    const { authorization } = request.headers;
    const fault = parts.faults.take(path, url.search);
    const waitMs = state.knobs.pageLatencyMs + (fault?.slowMs ?? 0);
    if (waitMs > 0) await delay(waitMs);
    const own =
      (fault === null ? null : replacementOf(fault)) ??
      api({ method, path, search: url.searchParams, authorization, body });
    const reply = fault?.repeatsPage === true ? repeating(own, url.searchParams.get('cursor') ?? '') : own;
    parts.requests.add({
      at: new Date(state.clock.nowMs()).toISOString(),
      method,
      path,
      query: Object.fromEntries(url.searchParams),
      status: reply.status,
      tokenLast4: tokenTextOf(authorization)?.slice(-4) ?? null,
      tookMs: Math.round(performance.now() - startedAtMs),
    });
    sendReply({ state, response, reply, fault, isGzip: takesGzip(state, request) });
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const serve = async () => {
      const url = new URL(request.url ?? '/', 'http://console');
      const body = request.method === 'GET' ? '' : await readBody(request);
      if (isBelow(url.pathname, CONTROL_BASE)) {
        const path = url.pathname.slice(CONTROL_BASE.length);
        await control({ method: request.method ?? 'GET', path, search: url.searchParams, body }, response);
      } else if (isBelow(url.pathname, API_BASE)) await serveApi(request, response, url, body);
      else sendReply({ state, response, reply: gatewayPage(404, 'Not Found'), fault: null, isGzip: false });
    };
    serve().catch((error: unknown) => {
      process.stderr.write(`the simulator failed on ${request.url ?? ''}: ${inspect(error)}\n`);
      response.destroy();
    });
  });
  server.listen(resolved.port, resolved.host);
  await once(server, 'listening');
  if (resolved.liveRowsPerSecond > 0) commands.startFeed.call({ rowsPerSecond: resolved.liveRowsPerSecond });

  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : resolved.port;
  return {
    url: `http://${resolved.host}:${port}`,
    port,
    token: state.tokens.all()[0]?.token ?? '',
    state,
    control: methodsOf(commands),
    requests: parts.requests.entries,
    truth: (filter = {}) => truthRows(state, filter),
    truthCounts: (filter = {}) => truthCounts(state, filter),
    close: async () => {
      parts.feed.stop();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const isBelow = (path: string, base: string) => path.startsWith(`${base}/`);

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the request body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** As nginx does it unless it is told otherwise. */
const GZIP = { level: constants.Z_BEST_SPEED };

const takesGzip = ({ knobs }: ConsoleState, { headers }: IncomingMessage): boolean =>
  knobs.gzip === 'always' || (knobs.gzip === 'asked' && /\bgzip\b/i.test(String(headers['accept-encoding'])));

function sendReply(of: {
  readonly state: ConsoleState;
  readonly response: ServerResponse;
  readonly reply: Reply;
  readonly fault: Fault | null;
  readonly isGzip: boolean;
}): void {
  const { response, reply, fault, isGzip } = of;
  if (fault?.reset === 'before') {
    response.destroy();
    return;
  }
  const whole = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  const plain = fault === null ? whole : cutBy(fault, whole);
  const body = isGzip ? gzipSync(plain, GZIP) : plain;
  response.sendDate = false;
  const date = dateOf(fault, of.state.clock.nowMs());
  response.writeHead(reply.status, {
    ...(date === null ? {} : { date }),
    'content-type': reply.contentType,
    'content-length': body.length,
    ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
    ...reply.headers,
  });
  if (fault?.reset === 'mid-body') response.write(body.subarray(0, body.length >> 1), () => response.destroy());
  else response.end(body);
}
