// How long an activity takes from the moment that the console shows it until it is committed in `events`. The console
// dates an activity when it appends it, PostgreSQL keeps the time of every commit, and both read this machine's clock.
import { setTimeout as delay } from 'node:timers/promises';
import type { Benchmark, BenchmarkContext, Figure, Report } from './harness/benchmark.js';
import { type Fleet, withFleet } from './harness/fleet.js';
import { firstPolls, watchPolls } from './harness/lateness.js';
import { percentile } from './harness/percentile.js';

/** A change of notification settings, which an account has and no site: it goes to the default organization. */
const ACCOUNT_TYPE = 58;
/** What is not stored by then is reported as such. */
const STORED_WITHIN_INTERVALS = 6;

export const latency: Benchmark = {
  name: 'latency',
  summary:
    'from an activity that SentinelOne shows to its commit in events, with few and many connections on one worker',
  options: {
    seconds: { unit: 'seconds to append activities at each size', default: 60 },
    'interval-seconds': { unit: 'seconds between two polls of a connection', default: 10 },
    'activities-per-second': { unit: 'activities a second, of all connections together', default: 10 },
  },
  lists: { connections: { unit: 'sizes, growing', default: [1, 100, 1_000] } },
  run,
};

async function run({ options, lists, log }: BenchmarkContext): Promise<Report> {
  const { seconds = 0, 'interval-seconds': intervalSeconds = 0, 'activities-per-second': perSecond = 0 } = options;
  const sizes = (lists['connections'] ?? []).toSorted((a, b) => a - b);
  const intervalMs = intervalSeconds * 1000;
  const settings = { capacity: Math.max(...sizes), intervals: { pollIntervalMs: intervalMs }, log };
  return withFleet(settings, async (fleet) => {
    const figures: Figure[] = [];
    for (const size of sizes) {
      const isTooMany = (await fleet.growTo(size)) === null;
      const held = fleet.connections.length;
      if (isTooMany) figures.push({ name: `connections held of the ${size} wanted`, value: held, unit: 'connections' });
      const waiting = await firstPolls(fleet.services, { timeoutMs: STORED_WITHIN_INTERVALS * intervalMs });
      if (waiting > 0) log(`${waiting} connections have not polled yet`);
      figures.push(...(await measure(fleet, { size: held, seconds, intervalMs, perSecond, log })));
      if (isTooMany) break;
    }
    const about =
      `The embedded stack with one worker, a poll every ${intervalSeconds} s, all chores as in production. For ${seconds} s at each ` +
      `size ${perSecond} activities a second at random moments, each in the account of a random connection. An activity waits half an ` +
      'interval on average and a whole one at worst before anybody asks for it.';
    return { about, postgres: fleet.postgresVersion, figures };
  });
}

interface Measure {
  readonly size: number;
  readonly seconds: number;
  readonly intervalMs: number;
  readonly perSecond: number;
  readonly log: (line: string) => void;
}

async function measure(fleet: Fleet, of: Measure): Promise<Figure[]> {
  const { size, intervalMs } = of;
  of.log(`${size} connections: appending for ${of.seconds} s`);
  const appending = appendActivities(fleet, of);
  const [ids, lateness] = await Promise.all([appending, watchPolls(fleet.services, { intervalMs, until: appending })]);
  const stored = await storedWithin(fleet, ids, STORED_WITHIN_INTERVALS * intervalMs);
  const seconds = stored.map(({ ms }) => ms / 1000);
  const beyond = seconds.map((value) => Math.max(0, value - intervalMs / 1000));
  of.log(
    `${size} connections: p50 ${percentile(seconds, 0.5).toFixed(1)} s, p99 ${percentile(seconds, 0.99).toFixed(1)} s`,
  );
  const named = (name: string, value: number, unit: string) => ({ name: `${size}: ${name}`, value, unit });
  return [
    named('activities appended', ids.length, 'activities'),
    named('not stored six intervals later', ids.length - stored.length, 'activities'),
    named('visible to committed, p50', percentile(seconds, 0.5), 's'),
    named('visible to committed, p99', percentile(seconds, 0.99), 's'),
    named('visible to committed, longest', percentile(seconds, 1), 's'),
    named('of it beyond the interval, p99', percentile(beyond, 0.99), 's'),
    named('polls', lateness.ofPolls.length, 'polls'),
    named('poll lateness beyond the interval, p50', lateness.p50Ms / 1000, 's'),
    named('poll lateness beyond the interval, p99', lateness.p99Ms / 1000, 's'),
    named('connections whose last poll failed', lateness.failing, 'connections'),
  ];
}

/** At random moments: at a steady beat they would keep step with the polls. Returns the ids of all. */
async function appendActivities({ simulator, connections }: Fleet, of: Measure): Promise<readonly string[]> {
  const ids: string[] = [];
  const startedAtMs = performance.now();
  for (let atMs = 0; ;) {
    atMs += (-Math.log(1 - Math.random()) / of.perSecond) * 1000;
    if (atMs > of.seconds * 1000) return ids;
    await delay(Math.max(0, startedAtMs + atMs - performance.now()));
    const connection = connections[Math.floor(Math.random() * connections.length)];
    const wish = { type: ACCOUNT_TYPE, accountId: connection?.s1AccountId, hidden: false };
    const appended = (await simulator.order('append-activities', wish)) as { readonly ids: readonly string[] };
    ids.push(...appended.ids);
  }
}

interface Stored {
  readonly ms: number;
}

/** Of each that is stored within the time, how long after its own date it was committed. */
async function storedWithin(fleet: Fleet, ids: readonly string[], timeoutMs: number): Promise<readonly Stored[]> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const { rows } = await fleet.services.owner.pool.query<Stored>(
      `select (extract(epoch from pg_xact_commit_timestamp(xmin) - occurred_at) * 1000)::float8 as ms
       from events where activity_id = any($1)`,
      [ids],
    );
    if (rows.length === ids.length || Date.now() > deadlineMs) return rows;
    await delay(1000);
  }
}
