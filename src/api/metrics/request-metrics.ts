// How many requests the api answers, how long that takes and how it ends, for Prometheus. A route is named by its
// pattern: paths hold ids, and every id would be a series of its own.
import type { NextFunction, Request, Response } from 'express';
import { Histogram, Registry } from 'prom-client';

export const REQUEST_METRICS = Symbol('request metrics');

export interface RequestMetrics {
  readonly registry: Registry;
  readonly middleware: (request: Request, response: Response, next: NextFunction) => void;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createRequestMetrics(registry = new Registry()): RequestMetrics {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From a request to the end of its reply, by route pattern; "other" is none of the api’s routes',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  });
  return {
    registry,
    middleware: (request, response, next) => {
      const end = duration.startTimer();
      response.once('close', () =>
        end({ method: request.method, route: routeOf(request), status: response.statusCode }),
      );
      next();
    },
  };
}

function routeOf(request: Request): string {
  const route = request.route as { readonly path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'other';
}
