// The control over HTTP, for tests whose simulator is another process: JSON in and out, no authentication. Errors are
// `{"error": …}` with 400. Ground truth is streamed as NDJSON, because it may have millions of rows.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { truthCounts, type TruthFilter, truthRows } from '../activities/truth.js';
import { bool, ids, instant, readQuery } from '../http/query.js';
import { ApiError } from '../http/reply.js';
import { ControlError } from './command.js';
import type { ControlCommands, ControlParts } from './control.js';

export const CONTROL_BASE = '/control';
const ROWS_PER_CHUNK = 2000;

export interface ControlCall {
  readonly method: string;
  /** Below the control's base. */
  readonly path: string;
  readonly search: URLSearchParams;
  readonly body: string;
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export function createControlHttp(parts: ControlParts, commands: ControlCommands) {
  const byPath = new Map(Object.entries(commands).map(([name, one]) => [`/${kebab(name)}`, one]));

  const run = async (call: ControlCall, response: ServerResponse): Promise<void> => {
    const route = `${call.method} ${call.path}`;
    if (route === 'GET /truth') return streamTruth(parts, readTruthFilter(call.search), response);
    if (route === 'GET /truth/counts') return send(response, truthCounts(parts.state, readTruthFilter(call.search)));
    if (route === 'GET /state') return send(response, commands.describe.call());
    if (route === 'GET /requests') return send(response, parts.requests.entries(call.search.get('pathPrefix') ?? ''));
    if (route === 'GET /injected') return send(response, injected(parts));
    const found = call.method === 'POST' ? byPath.get(call.path) : undefined;
    if (found === undefined) return send(response, { error: `no such control: ${route}` }, 404);
    const input: unknown = call.body.trim() === '' ? {} : JSON.parse(call.body);
    send(response, found.callUnknown(input) ?? {});
  };

  return async (call: ControlCall, response: ServerResponse): Promise<void> => {
    try {
      await run(call, response);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      send(response, { error: error instanceof z.ZodError ? z.prettifyError(error) : error.message }, 400);
    }
  };
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof z.ZodError ||
  error instanceof ControlError ||
  error instanceof ApiError ||
  error instanceof SyntaxError;

const injected = ({ faults, state }: ControlParts) => ({
  faults: faults.hitsByName(),
  deadCursors: state.cursors.refused,
});

function readTruthFilter(search: URLSearchParams): TruthFilter {
  const query = readQuery(search, {
    createdAt__gte: instant,
    createdAt__lt: instant,
    accountIds: ids,
    siteIds: ids,
    hidden: bool,
  });
  return {
    fromMicros: query.createdAt__gte,
    beforeMicros: query.createdAt__lt,
    accountIds: query.accountIds,
    siteIds: query.siteIds,
    hidden: query.hidden,
  };
}

async function streamTruth(parts: ControlParts, filter: TruthFilter, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  let chunk: string[] = [];
  for (const row of truthRows(parts.state, filter)) {
    chunk.push(`${JSON.stringify(row)}\n`);
    if (chunk.length < ROWS_PER_CHUNK) continue;
    if (!response.write(chunk.join(''))) await once(response, 'drain');
    chunk = [];
  }
  response.end(chunk.join(''));
}

function send(response: ServerResponse, value: unknown, status = 200): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
