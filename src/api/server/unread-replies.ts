// A socket whose other end does not read is cut: what waits to be sent is memory, and the reply that sends it holds
// what it was made of. Node's own time-out would not do, because every heartbeat of an event stream sets it anew.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Within which something of what waits has to be sent. */
export const UNREAD_MS = 30_000;

interface Progress {
  sentBytes: number;
  atMs: number;
}

export function cutUnreadReplies(server: Server, unreadMs = UNREAD_MS): void {
  const sockets = new Map<Socket, Progress>();
  server.on('connection', (socket: Socket) => {
    sockets.set(socket, { sentBytes: 0, atMs: performance.now() });
    socket.once('close', () => sockets.delete(socket));
  });
  const look = () => {
    const nowMs = performance.now();
    for (const [socket, last] of sockets) {
      const sentBytes = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0 || sentBytes !== last.sentBytes) sockets.set(socket, { sentBytes, atMs: nowMs });
      else if (nowMs - last.atMs >= unreadMs) socket.destroy();
    }
  };
  const timer = setInterval(look, Math.min(1_000, unreadMs / 4)).unref();
  server.once('close', () => clearInterval(timer));
}
