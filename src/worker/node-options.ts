/**
 * How Node is started for a worker, in production (docker-compose.yml), under `npm start` and in benchmarks. Young
 * garbage is collected every 4 MB instead of every 16, and on a page's thread every 64: pages are then gone before they
 * are taken for old, and a worker's memory does not grow with the length of a backfill. Measured, both at the same
 * speed: 433 MiB at its peak for 98 thousand activities and 546 for 586 thousand by Node's default, 356 and 348 with
 * this.
 */
export const WORKER_NODE_OPTIONS = ['--max-semi-space-size=4'] as const;
