// How much each process does at once: slots of a worker, connections to PostgreSQL of each process. Numbers that have
// to fit each other stand together here; src/config.ts reads their variables.
//
// PostgreSQL takes 100 connections by its own default, 3 of them kept for its superuser. What three workers and one api
// open at most, each one's pool being all it opens:
//
//   3 workers × (24 + 1)   75   the one more is for its sign of life, src/worker/sign-of-life.ts
//   1 api     × 10         10   the one it listens on for changes is of its pool
//                          85   of 97; 12 are left for migrate, the command line, a backup, and a person with psql
//
// docker-compose.yml adds what Temporal's server opens. A unit test works out both sums.
import { z } from 'zod';

/** Connections of one process. Whoever finds all of them taken waits for one, 5 s at most. */
export const DATABASE_POOL_SIZE = {
  /** A request holds one for milliseconds; more of them than PostgreSQL has cores only wait inside it. */
  api: 10,
  /** Six slices of four backfills, which hold one each while they store a page, and polls and commands between them. */
  worker: 24,
} as const;

/** Of a worker, beside its pool: pages that have every connection in use must not make it look dead. */
export const SIGN_OF_LIFE_CONNECTIONS = 1;

/** What one worker runs at once, by kind; one kind never takes another's slot. */
export const WORKER_SLOTS = {
  /** Polls and chores, most of which wait: for a console, or for a place in the pace of their connection. */
  poll: 100,
  /** What a person waits for. As many as that have come at once would be a campaign. */
  command: 20,
  /** Each backfill keeps up to twelve pages in memory and six connections to PostgreSQL busy. */
  backfill: 4,
  /** What Temporal starts by itself: a few workflows, none of them beside itself. */
  maintenance: 4,
} as const;

const slots = (usual: number) => z.coerce.number().int().min(1).max(10_000).default(usual);

/** The variables that every worker reads. */
export const WORKER_SLOT_VARIABLES = {
  WORKER_POLL_SLOTS: slots(WORKER_SLOTS.poll),
  WORKER_COMMAND_SLOTS: slots(WORKER_SLOTS.command),
  WORKER_BACKFILL_SLOTS: slots(WORKER_SLOTS.backfill),
};

/** Two at least: an api listens on one of them. */
export const poolSize = (usual: number) => ({
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(1_000).default(usual),
});
