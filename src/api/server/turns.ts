// One request at work for each socket. Whoever pipelines has a few others wait in line, and is cut off beyond:
// no client that we know of pipelines at all. Only the reply at the head of a socket is told that the socket has
// closed, so whatever works for another one (a file, a timer, a stream) would never be let go.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Response } from 'express';

export const MAX_WAITING = 16;

interface Line {
  atWork: Response | null;
  waiting: (() => void)[];
}

const lines = new WeakMap<Socket, Line>();

function lineOf(socket: Socket): Line {
  const known = lines.get(socket);
  if (known !== undefined) return known;
  const line: Line = { atWork: null, waiting: [] };
  lines.set(socket, line);
  return line;
}

/** The reply that is being made for this socket; null when it waits for a request. */
export const replyAtWork = (socket: Socket): Response | null => lines.get(socket)?.atWork ?? null;

/**
 * Before Express, which costs ten times what a request does that is only counted: all that a socket has sent at once is
 * parsed in one go, also what comes after the request at which it is cut.
 */
export function takeTurns(server: Server): void {
  const handlers = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    if (socket.destroyed) return;
    const line = lineOf(socket);
    const begin = () => {
      line.atWork = response as Response; // which Express makes of it
      response.once('close', () => {
        line.atWork = null;
        if (socket.writable) line.waiting.shift()?.();
        else line.waiting = [];
      });
      for (const handle of handlers) handle.call(server, request, response);
    };
    if (line.atWork === null) begin();
    else if (line.waiting.length < MAX_WAITING) line.waiting.push(begin);
    else socket.destroy();
  });
}
