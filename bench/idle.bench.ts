// What an idle connection costs: actions and history events, read from the real histories of a real stack. Two
// connections share it: one only polls, so that what an idle poll adds to the history can be seen; the other runs its
// chores 200 times as often as in production, so that their cost can be counted and then put at the real intervals.
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { operator } from '../src/api/http/request-facts.js';
import { DEFAULT_INTERVALS, type Intervals } from '../src/domain/connection/chores.js';
import { workflowId } from '../src/domain/temporal-names.js';
import { simulatorControl, simulatorState } from '../src/embedded/demo/simulator-control.js';
import type { RunningStack } from '../src/embedded/one-machine-stack.js';
import { waitFor } from '../src/embedded/processes/wait-for.js';
import { openServices } from '../src/embedded/services.js';
import type { Benchmark, BenchmarkContext, Report } from './harness/benchmark.js';
import { withStack } from './harness/stack.js';

const HOUR_MS = 3_600_000;
const NEVER_MS = 24 * HOUR_MS;
/** The longest that a connection may have. */
const LONGEST_POLL_INTERVAL_MS = 900_000;
/** Sites every 3 s and the others in proportion: chores that fall due together share a timer, so proportions count. */
const CHORES_FASTER_BY = 200;
const QUIET: Intervals = {
  pollIntervalMs: LONGEST_POLL_INTERVAL_MS,
  sitesIntervalMs: NEVER_MS,
  licenseCountsIntervalMs: NEVER_MS,
  tokenCheckIntervalMs: NEVER_MS,
  permissionRecheckIntervalMs: NEVER_MS,
  tokenProbeIntervalMs: NEVER_MS,
  completenessIntervalMs: NEVER_MS,
};

export const idle: Benchmark = {
  name: 'idle',
  summary: 'actions and history events of one idle connection in an hour, from real histories',
  options: {
    seconds: { unit: 'seconds to watch', default: 60 },
    'poll-interval-ms': { unit: 'milliseconds between idle polls while watching', default: 2_000 },
  },
  run,
};

function run({ options, log }: BenchmarkContext): Promise<Report> {
  const { seconds = 0, 'poll-interval-ms': pollIntervalMs = 0 } = options;
  return withStack({ log }, (running) => measure(running, { seconds, pollIntervalMs, log }));
}

async function measure(
  running: RunningStack,
  of: { readonly seconds: number; readonly pollIntervalMs: number; readonly log: (line: string) => void },
): Promise<Report> {
  const polling = await connect(running, { s1Account: 0, intervals: { ...QUIET, pollIntervalMs: of.pollIntervalMs } });
  const chores = await connect(running, {
    s1Account: 1,
    intervals: {
      ...QUIET,
      sitesIntervalMs: DEFAULT_INTERVALS.sitesIntervalMs / CHORES_FASTER_BY,
      licenseCountsIntervalMs: DEFAULT_INTERVALS.licenseCountsIntervalMs / CHORES_FASTER_BY,
      tokenCheckIntervalMs: DEFAULT_INTERVALS.tokenCheckIntervalMs / CHORES_FASTER_BY,
      completenessIntervalMs: DEFAULT_INTERVALS.completenessIntervalMs / CHORES_FASTER_BY,
    },
  });
  try {
    await waitFor('an idle poll', async () => ((await polling.polls()) > 1 ? true : undefined), { timeoutMs: 60_000 });
    await waitFor('the first chores to end', () => isQuiet(polling, of.pollIntervalMs), { timeoutMs: 60_000 });
    const before = { polls: await polling.polls(), events: await polling.events(), chores: await chores.history() };
    of.log(`watching for ${of.seconds} s`);
    await delay(of.seconds * 1000);
    const polls = (await polling.polls()) - before.polls;
    const pollEvents = (await polling.events()) - before.events;
    const after = await chores.history();
    const done = after.activities - before.chores.activities;
    const eventsPerChore = (after.events - before.chores.events) / done;
    const actionsPerChore = (after.activities + after.timers - before.chores.activities - before.chores.timers) / done;
    return reportOf({ ...of, polls, pollEvents, done, eventsPerChore, actionsPerChore });
  } finally {
    await polling.close();
    await chores.close();
  }
}

/** Every chore runs once when a connection begins; those are no part of idling. */
async function isQuiet(connection: { events(): Promise<number> }, forMs: number): Promise<true | undefined> {
  const events = await connection.events();
  await delay(forMs);
  return (await connection.events()) === events ? true : undefined;
}

interface Measured {
  readonly seconds: number;
  readonly pollIntervalMs: number;
  readonly polls: number;
  readonly pollEvents: number;
  readonly done: number;
  readonly eventsPerChore: number;
  readonly actionsPerChore: number;
}

function reportOf(measured: Measured): Report {
  const { polls, pollEvents, done, eventsPerChore, actionsPerChore } = measured;
  const { pollIntervalMs, completenessIntervalMs, sitesIntervalMs, licenseCountsIntervalMs, tokenCheckIntervalMs } =
    DEFAULT_INTERVALS;
  const pollsAnHour = HOUR_MS / pollIntervalMs;
  const chores = [sitesIntervalMs, licenseCountsIntervalMs, tokenCheckIntervalMs, completenessIntervalMs];
  const choresAnHour = chores.reduce((sum, intervalMs) => sum + HOUR_MS / intervalMs, 0);
  return {
    about:
      `Watched for ${measured.seconds} s: ${polls} idle polls at ${measured.pollIntervalMs} ms on one connection, ${done} chores on another. ` +
      'An action is an activity attempt or a timer. An hour is put together at the default intervals.',
    figures: [
      { name: 'history events of an idle poll', value: pollEvents / polls, unit: 'events' },
      { name: 'actions of an idle poll', value: 1, unit: 'action (one attempt of one activity)' },
      { name: 'history events of a chore', value: eventsPerChore, unit: 'events' },
      { name: 'actions of a chore', value: actionsPerChore, unit: 'actions' },
      { name: 'idle polls in an hour', value: pollsAnHour, unit: 'polls' },
      { name: 'chores in an hour', value: choresAnHour, unit: 'chores' },
      { name: 'actions in a connection-hour', value: pollsAnHour + choresAnHour * actionsPerChore, unit: 'actions' },
      {
        name: 'history events in a connection-hour',
        value: (pollsAnHour * pollEvents) / polls + choresAnHour * eventsPerChore,
        unit: 'events',
      },
    ],
  };
}

/** A connected and mapped connection with these intervals, in an account of its own, and what Temporal says of it. */
async function connect(running: RunningStack, of: { readonly s1Account: number; readonly intervals: Intervals }) {
  const services = await openServices(running, { eventRetentionDays: 365, intervals: of.intervals });
  const simulator = simulatorControl(running.simulatorUrl ?? '');
  const s1AccountId = (await simulatorState(simulator)).accounts[of.s1Account]?.id ?? '';
  const { token } = (await simulator.order('add-token', {
    label: `bench-${of.s1Account}`,
    accountIds: [s1AccountId],
  })) as { token: string };
  const { id: accountId } = await services.accounts.create({ name: `Bench ${of.s1Account}` });
  const doer = operator(accountId, 'bench');
  const { id: organizationId } = await services.organizations.create(doer, {
    name: 'Customer',
    externalKey: null,
  });
  const { body } = await services.connectionCreation.create(doer, {
    name: 'SentinelOne',
    consoleUrl: simulator.url,
    apiToken: token,
    defaultOrganizationId: organizationId,
  });
  const { version, items } = await services.connectionQueries.sites(doer.principal, body.id);
  const changes = items.map(({ siteId }) => ({ siteId, organizationId }));
  await services.mapping.change(doer, body.id, { version, changes, collectDiscarded: false });
  const id = workflowId(accountId, body.id);
  return {
    polls: () => pollAttempts(services.temporal, id),
    history: () => countHistory(services.temporal, id),
    events: async () => (await countHistory(services.temporal, id)).events,
    close: () => services.close(),
  };
}

/** The pending poll's attempts: idle polls are retries of one activity. */
async function pollAttempts(temporal: Client, id: string): Promise<number> {
  const { raw } = await temporal.workflow.getHandle(id).describe();
  const poll = raw.pendingActivities?.find((activity) => activity.activityType?.name === 'pollActivities');
  return poll?.attempt ?? 0;
}

async function countHistory(temporal: Client, id: string) {
  const { events } = await temporal.workflow.getHandle(id).fetchHistory();
  const all = events ?? [];
  return {
    events: all.length,
    activities: all.filter((event) => event.activityTaskScheduledEventAttributes != null).length,
    timers: all.filter((event) => event.timerStartedEventAttributes != null).length,
  };
}
