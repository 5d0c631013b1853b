// One request at work for each socket. Whoever pipelines has the others wait in line, as many as a few, and is cut off
// beyond: no client that we know of pipelines at all. Only the reply at the head of a socket is told that the socket has
// closed, so whatever works for another one (a file, a timer, a stream) would never be let go.
import type { Socket } from 'node:net';
import type { NextFunction, Request, Response } from 'express';

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

/** Before everything else, so that a request in line costs nothing but its head. */
export function takeTurns({ socket }: Request, response: Response, next: NextFunction): void {
  const line = lineOf(socket);
  const begin = () => {
    line.atWork = response;
    response.once('close', () => {
      line.atWork = null;
      if (socket.writable) line.waiting.shift()?.();
      else line.waiting = [];
    });
    next();
  };
  if (line.atWork === null) begin();
  else if (line.waiting.length < MAX_WAITING) line.waiting.push(begin);
  else socket.destroy();
}
