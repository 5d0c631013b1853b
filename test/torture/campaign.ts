// A campaign from its first fault to the verdict.
import { setTimeout as delay } from 'node:timers/promises';
import { disagreements } from './agreement.js';
import type { Try } from './api-client.js';
import { heal } from './heal.js';
import { hitsOnConsoles } from './inject/console.inject.js';
import { INJECT } from './inject/inject.js';
import { FAULT_KINDS, type FaultKind } from './kinds.js';
import { openPartners } from './partner.js';
import { FIRST_SKEWS_MS, type Plan, type PlannedFault } from './plan.js';
import { makeReport, type Report } from './report.js';
import { consoleOf, type Run } from './run.js';
import type { TortureStack } from './stack.js';
import { evidenceOf } from './truth.js';
import { type Watch, watchCollecting } from './watch.js';
import { CONSOLES, LATE_MS } from './world.js';

const LATE_SHARE = 0.1;
const PROGRESS_EVERY_MS = 5_000;
const INSIST_ROUNDS = 3;
/** There is one of each, for everybody. */
const STORE_KINDS: readonly FaultKind[] = ['postgres-restored', 'temporal-wiped'];

export async function runCampaign(of: {
  readonly stack: TortureStack;
  readonly plan: Plan;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Keeps something for whoever looks into a run that failed. */
  readonly record: (file: string, value: unknown) => Promise<void>;
}): Promise<Report> {
  const { stack, plan, signal, log, record } = of;
  const startedAtMs = Date.now();
  const tries: Try[] = [];
  const partners = await openPartners({ stack, tries, signal });
  const run: Run = {
    stack,
    partners,
    signal,
    tries,
    consoles: FIRST_SKEWS_MS.map((skewMs) => ({ skewMs, veryLateIds: new Set(), beforeBack: new Map() })),
    done: new Map(),
    disturbances: [],
    restores: [],
    restoring: Promise.resolve(),
    repairs: [],
    complaints: [],
  };
  for (const [n, console] of stack.consoles.entries()) {
    const rowsPerSecond = CONSOLES[n]?.rowsPerSecond ?? 0;
    await console.order('start-feed', { rowsPerSecond, lateShare: LATE_SHARE, lateByMs: LATE_MS });
  }
  log(`${partners.length} partners are connected; ${plan.faults.length} faults follow`);
  const watch = watchCollecting(run);
  const watchedFromMs = Date.now();
  const telling = tellProgress({ run, plan, watch, log });
  try {
    await carryOut(run, plan, log);
    await insist(run, plan, log);
    await heal(run, log);
    await Promise.all(run.repairs);
    run.complaints.push(...(await disagreements(run, watch)));
  } finally {
    clearInterval(telling);
    await watch.stop();
  }
  const { disturbances, restores } = run;
  const { advances, rests } = watch;
  const seen = { advances: Object.fromEntries(advances), rests: Object.fromEntries(rests) };
  await record('timeline.json', { startedAtMs, disturbances, restores, tries, ...seen });
  const evidence = await Promise.all(partners.map((partner) => evidenceOf(run, partner)));
  return makeReport({
    run,
    plan,
    injected: await injectedSoFar(run),
    evidence,
    advances,
    rests,
    during: { fromMs: watchedFromMs, toMs: Date.now() },
    ms: Date.now() - startedAtMs,
  });
}

/** What was done, and what the consoles say really hit a request. */
async function injectedSoFar(run: Run): Promise<ReadonlyMap<FaultKind, number>> {
  return new Map([...run.done, ...(await hitsOnConsoles(run))].filter(([, times]) => times > 0));
}

/**
 * The plan has every kind, but an answer that nobody asked for was no fault: such kinds are ordered once more, for
 * everybody.
 */
async function insist(run: Run, plan: Plan, log: (line: string) => void): Promise<void> {
  for (let round = 0; round < INSIST_ROUNDS; round += 1) {
    const injected = await injectedSoFar(run);
    const missing = FAULT_KINDS.filter((kind) => !injected.has(kind));
    if (missing.length === 0) return;
    log(`once more: ${missing.join(', ')}`);
    const again = missing.flatMap((kind) => plan.faults.find((fault) => fault.kind === kind) ?? []);
    const forAll = again.flatMap((fault) =>
      STORE_KINDS.includes(fault.kind) ? [fault] : run.partners.map(({ n }) => ({ ...fault, partner: n })),
    );
    await Promise.all(forAll.map((fault) => carryOutOne(run, fault)));
  }
}

/** Each at its time, whatever the others are doing; resolves when all are over. */
async function carryOut(run: Run, plan: Plan, log: (line: string) => void): Promise<void> {
  const startedAtMs = Date.now();
  const inTime = async (fault: PlannedFault): Promise<void> => {
    await delay(Math.max(0, startedAtMs + fault.atMs - Date.now()), undefined, { signal: run.signal });
    await carryOutOne(run, fault);
  };
  await Promise.all(plan.faults.map(inTime));
  log(`all faults are over after ${Date.now() - startedAtMs} ms`);
}

async function carryOutOne(run: Run, fault: PlannedFault): Promise<void> {
  const partner = run.partners[fault.partner];
  if (partner === undefined) throw new Error('there is no such partner');
  try {
    await INJECT[fault.kind](run, fault, partner);
  } catch (error) {
    run.signal.throwIfAborted();
    const said = error instanceof Error ? error.message : String(error);
    run.complaints.push(`${fault.kind} for ${partner.name}: ${said}`);
  }
}

function tellProgress(of: { run: Run; plan: Plan; watch: Watch; log: (line: string) => void }): NodeJS.Timeout {
  const { run, plan, watch, log } = of;
  const startedAtMs = Date.now();
  return setInterval(() => {
    const seconds = Math.round((Date.now() - startedAtMs) / 1000);
    const done = [...run.done.values()].reduce((sum, each) => sum + each, 0);
    const skews = run.partners.map((partner) => Math.round(consoleOf(run, partner).skewMs / 60_000)).join('/');
    const rows = watch.sees ? `${watch.rows.toLocaleString('en-US')} rows` : 'PostgreSQL is away';
    log(`${seconds} of ${plan.durationMs / 1000} s: ${rows}, ${done} faults done, clocks ${skews} min`);
  }, PROGRESS_EVERY_MS);
}
