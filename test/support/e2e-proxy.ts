// A fixed address in front of a server that is killed and comes back elsewhere. While nothing is behind it, connections are
// cut at once, as a machine's own network would.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  /** `host:port`, the same for good. */
  readonly address: string;
  /** Where connections go from now on; null cuts those that are open, and new ones. */
  point(to: string | null): void;
  close(): Promise<void>;
}

export async function startProxy(): Promise<Proxy> {
  const open = new Set<Socket>();
  let target: { readonly host: string; readonly port: number } | null = null;
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    if (target === null) return void client.destroy();
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
    async close() {
      target = null;
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
