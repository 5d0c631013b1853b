// A fixed address in front of a server that is killed and comes back elsewhere. While nothing is behind it,
// connections are cut at once, as a machine's own network would.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  /** `host:port`, the same for good. */
  readonly address: string;
  /** Where connections go from now on; null cuts those that are open, and new ones. */
  point(to: string | null): void;
  /** As in front of a stopped process: while frozen, connections stay and new ones are made, but nothing passes. */
  freeze(isFrozen: boolean): void;
  close(): Promise<void>;
}

export async function startProxy(): Promise<Proxy> {
  const open = new Set<Socket>();
  let target: { readonly host: string; readonly port: number } | null = null;
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  let frozen = false;
  const server = createServer((client) => {
    if (target === null) return void client.destroy();
    if (frozen) {
      open.add(client);
      client.on('error', () => undefined);
      client.on('close', () => open.delete(client));
      return;
    }
    const upstream = connect(target);
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
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    point(to) {
      const [host = '', port = ''] = to?.split(':') ?? [];
      target = to === null ? null : { host, port: Number(port) };
      if (to === null) cut();
    },
    freeze(isFrozen) {
      frozen = isFrozen;
      for (const socket of open) {
        if (isFrozen) socket.pause();
        else socket.resume();
      }
    },
    async close() {
      target = null;
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
