// Stands in for a connection pooler that works by transaction, as far as a client can tell: of what is asked for at
// connection start only user and database come through, and notifications come to nobody.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Pooler {
  /** `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

const NOTIFICATION = 'A'.charCodeAt(0);
const HANDED_ON = new Set(['user', 'database']);
const LENGTH_BYTES = 4;

/** `to` is the server's `host:port`. */
export async function startPooler(to: string): Promise<Pooler> {
  const [host = '', port = ''] = to.split(':');
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(port) });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    passStart(client, upstream);
    passReplies(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** The first message has no type: length, protocol, then names and values that end with a zero each. */
function passStart(client: Socket, upstream: Socket): void {
  let held = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    if (held.length < LENGTH_BYTES || held.length < held.readUInt32BE(0)) return;
    const length = held.readUInt32BE(0);
    client.off('data', onData);
    upstream.write(stripped(held.subarray(0, length)));
    upstream.write(held.subarray(length));
    client.pipe(upstream);
  };
  client.on('data', onData);
}

function stripped(start: Buffer): Buffer {
  const words = start
    .subarray(2 * LENGTH_BYTES)
    .toString()
    .split('\0');
  const kept = words.flatMap((name, n) => (n % 2 === 0 && HANDED_ON.has(name) ? [name, words[n + 1] ?? ''] : []));
  const body = Buffer.from(`${kept.map((word) => `${word}\0`).join('')}\0`);
  const head = Buffer.alloc(2 * LENGTH_BYTES);
  head.writeUInt32BE(head.length + body.length, 0);
  start.copy(head, LENGTH_BYTES, LENGTH_BYTES, 2 * LENGTH_BYTES);
  return Buffer.concat([head, body]);
}

/** Each message of a server is a byte for its type and a length that counts itself. */
function passReplies(upstream: Socket, client: Socket): void {
  let held = Buffer.alloc(0);
  upstream.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length > LENGTH_BYTES) {
      const length = 1 + held.readUInt32BE(1);
      if (held.length < length) return;
      if (held[0] !== NOTIFICATION) client.write(held.subarray(0, length));
      held = held.subarray(length);
    }
  });
}
