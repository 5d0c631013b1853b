// A client that speaks bytes: it may pipeline, stop reading, or leave a body half sent.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export async function rawSocket(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined); // it is cut, which is what is looked for
  await once(socket, 'connect');
  return socket;
}

/** Everything that arrives until the other side ends it. */
export async function allOf(socket: Socket): Promise<string> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(pieces).toString('latin1');
}

export const get = (path: string, ...headers: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, 'host: api', ...headers, '', ''].join('\r\n');
