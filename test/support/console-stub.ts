// A SentinelOne console made of one function, for tests of what happens on the wire. Remembers what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface StubRequest {
  readonly method: string;
  /** Below `/web/api/v2.1/`, without the query. */
  readonly endpoint: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface ConsoleStub {
  readonly origin: string;
  readonly requests: readonly StubRequest[];
  stop(): Promise<void>;
}

export type Answer = (request: StubRequest, response: ServerResponse) => void;

export async function startConsoleStub(answer: Answer): Promise<ConsoleStub> {
  const requests: StubRequest[] = [];
  const server = createServer((incoming, response) => {
    void readRequest(incoming).then((request) => {
      requests.push(request);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON, unless the body is a string already. */
export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function readRequest(incoming: IncomingMessage): Promise<StubRequest> {
  const url = new URL(incoming.url ?? '/', 'http://stub');
  return {
    method: incoming.method ?? '',
    endpoint: url.pathname.replace('/web/api/v2.1/', ''),
    query: Object.fromEntries(url.searchParams),
    headers: incoming.headers,
    body: await text(incoming),
  };
}
