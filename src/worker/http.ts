// The worker's only listener: `/healthz` for whoever watches it, `/metrics` for Prometheus. Both are without
// credentials and without detail.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';

export interface WorkerHttp {
  readonly port: number;
  close(): Promise<void>;
}

export async function serveWorkerHttp(options: {
  readonly host: string;
  readonly port: number;
  readonly isHealthy: () => boolean;
  /** Where Temporal's runtime serves its own metrics. */
  readonly temporalMetricsUrl: string;
}): Promise<WorkerHttp> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://worker');
    if (pathname === '/healthz') {
      const healthy = options.isHealthy();
      response.writeHead(healthy ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: healthy ? 'ok' : 'unavailable' }));
    } else if (pathname === '/metrics') {
      void metrics(registry, options.temporalMetricsUrl).then((text) => {
        response.writeHead(200, { 'content-type': registry.contentType });
        response.end(text);
      });
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return { port: portOf(server), close: () => closeServer(server) };
}

async function metrics(registry: Registry, temporalMetricsUrl: string): Promise<string> {
  const [own, temporal] = await Promise.allSettled([
    registry.metrics(),
    fetch(temporalMetricsUrl).then((r) => r.text()),
  ]);
  return [own, temporal].map((part) => (part.status === 'fulfilled' ? part.value : '# unavailable\n')).join('\n');
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
