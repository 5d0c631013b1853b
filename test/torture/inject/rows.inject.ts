// Rows that are hard to collect, appended on the console; and its clock, set right or wrong.
import type { CLOCK_KINDS, ROW_KINDS } from '../kinds.js';
import type { Partner } from '../partner.js';
import { between, consoleOf, consoleTime, countDone, type Inject, type Run } from '../run.js';
import { visibleRows } from '../truth.js';
import { AHEAD_MS, LATE_MS } from '../world.js';

type Rows = Readonly<Record<string, unknown>> & { readonly count: number };

/** Everyday rows of all the console's accounts. Answers with the ids of the first thousand. */
async function append(partner: Partner, rows: Rows): Promise<readonly string[]> {
  const { ids } = (await partner.console.order('append-activities', rows)) as { ids: readonly string[] };
  return ids;
}

const appending =
  (rowsOf: (run: Run, fault: Parameters<Inject>[1], partner: Partner) => Rows): Inject =>
  async (run, fault, partner) => {
    await append(partner, rowsOf(run, fault, partner));
    countDone(run, fault.kind);
  };

/** Later than anything but a comparison looks back: before the run, and after the history's oldest hours. */
const VERY_LATE_MINUTES = { from: 10, to: 55 };

const veryLate: Inject = async (run, fault, partner) => {
  const at = consoleTime(run, partner, -between(fault, 1, VERY_LATE_MINUTES.from, VERY_LATE_MINUTES.to) * 60_000);
  const ids = await append(partner, { count: between(fault, 0, 20, 60), at, stepMicros: 1_700 });
  for (const id of ids) consoleOf(run, partner).veryLateIds.add(id);
  countDone(run, fault.kind);
};

/** Rows without an id, each of its own microsecond. */
const unreadable: Inject = async (run, fault, partner) => {
  const { console, s1AccountId } = partner;
  const text = JSON.stringify({
    createdAt: '{{createdAt}}',
    accountId: s1AccountId,
    siteId: null,
    activityType: 27,
    primaryDescription: 'a row without an id {{n}}',
  });
  await console.order('append-raw', { text, count: between(fault, 0, 3, 12), accountId: s1AccountId });
  countDone(run, fault.kind);
};

export const ROWS: Readonly<Record<(typeof ROW_KINDS)[number], Inject>> = {
  burst: appending((_run, fault) => ({ count: between(fault, 0, 400, 1_500), stepMicros: 400 })),
  // More than two pages of one account.
  'equal-timestamps': appending((_run, fault) => ({ count: between(fault, 0, 2_000, 3_000), stepMicros: 0 })),
  'late-rows': appending((run, fault, partner) => ({
    count: between(fault, 0, 50, 300),
    at: consoleTime(run, partner, -between(fault, 1, 5_000, LATE_MS)),
    stepMicros: 900,
  })),
  'very-late-rows': veryLate,
  'rows-dated-ahead': appending((run, fault, partner) => ({
    count: between(fault, 0, 20, 80),
    at: consoleTime(run, partner, between(fault, 1, 5_000, AHEAD_MS)),
    stepMicros: 900,
  })),
  'unreadable-rows': unreadable,
};

const clockSet: Inject = async (run, fault, partner) => {
  const record = consoleOf(run, partner);
  const skewMs = fault.skewMs ?? 0;
  if (skewMs < record.skewMs) {
    for (const each of run.partners.filter(({ consoleN }) => consoleN === partner.consoleN)) {
      if (!record.beforeBack.has(each.n)) record.beforeBack.set(each.n, await visibleRows(each));
    }
  }
  record.skewMs = skewMs;
  await partner.console.order('set-clock', { skewMs });
  countDone(run, fault.kind);
};

export const CLOCK: Readonly<Record<(typeof CLOCK_KINDS)[number], Inject>> = {
  'clock-forward': clockSet,
  'clock-back': clockSet,
};
