// No request waits for ever. A reply that has not begun in time is a problem document; an event stream has begun long
// before. What arrives too slowly or is no HTTP never reaches the router: Node tells of it, and it is answered here as
// well.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../../domain/failures/problem.js';
import { replyAtWork } from '../server/turns.js';
import { documentOf, sendProblem } from './problem-document.js';

const HEADERS_MS = 10_000;
const ARRIVAL_MS = 30_000;
/** Longer than anything the api itself waits for: a verdict on a new connection takes 10 s. */
export const REPLY_MS = 30_000;

const TOO_SLOW = 'this took too long; look whether it was done before you repeat it';

export const limitReplyTime =
  (replyMs: number) =>
  (request: Request, response: Response, next: NextFunction): void => {
    const timer = setTimeout(() => {
      if (response.headersSent) return;
      if (!request.complete) response.setHeader('connection', 'close'); // the rest of the body is no next request
      sendProblem(response, new Problem('request_timeout', TOO_SLOW));
    }, replyMs);
    response.once('close', () => clearTimeout(timer));
    next();
  };

export function limitArrivalTime(server: Server): void {
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = ARRIVAL_MS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const { status, statusText, problem } = problemOf(error.code);
    const reply = replyAtWork(socket);
    if (reply !== null) {
      answerInTurn(reply, socket, problem);
      return;
    }
    const body = JSON.stringify(documentOf(problem, ''));
    socket.end(
      `HTTP/1.1 ${status} ${statusText}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

/**
 * A socket carries one reply for each request. Trouble in the body of the request at work is that one's reply; trouble
 * behind it ends the socket once that one has its own.
 */
function answerInTurn(reply: Response, socket: Socket, problem: Problem): void {
  if (reply.req.complete) {
    reply.once('close', () => socket.destroy());
  } else if (reply.headersSent) {
    socket.destroy();
  } else {
    reply.setHeader('connection', 'close');
    sendProblem(reply, problem);
  }
}

function problemOf(code: string | undefined) {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const problem = new Problem('request_timeout', 'the request took too long to arrive');
    return { status: 408, statusText: 'Request Timeout', problem };
  }
  const problem = new Problem('malformed_request', 'this is no request that HTTP knows');
  return { status: 400, statusText: 'Bad Request', problem };
}
