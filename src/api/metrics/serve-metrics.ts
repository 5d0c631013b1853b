// For Prometheus, without credentials, on a port of its own that nobody outside has to reach: numbers of the process
// and of its routes, nothing of anybody's data.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface MetricsServer {
  /** Of `/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

/** `port` 0 is any that is free. Rejects when the port is taken. */
export async function serveMetrics(of: {
  readonly registry: Registry;
  readonly host: string;
  readonly port: number;
}): Promise<MetricsServer> {
  const { registry } = of;
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    void registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(of.port, of.host);
  await once(server, 'listening');
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
