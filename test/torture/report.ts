// What a campaign ends with: a page for people, one JSON object for scripts.
import { FAULT_KINDS, type FaultKind } from './kinds.js';
import type { Plan } from './plan.js';
import { longestRecovery, recoveries, type Recovery, repairs } from './recovery.js';
import type { Run } from './run.js';
import { LONGEST_STALL_MS, longestStallMs, type Span } from './stalls.js';
import { type Evidence, type Finding, FINDING_KINDS, type FindingKind, judge } from './verdict.js';

export interface Report {
  readonly ok: boolean;
  readonly seed: number;
  readonly minutes: number;
  /** Repeats the plan of this run. */
  readonly command: string;
  readonly injected: Readonly<Record<FaultKind, number>>;
  /** Kinds that the plan had and that never really happened. */
  readonly missed: readonly FaultKind[];
  readonly rows: {
    readonly theirs: number;
    readonly events: number;
    readonly discards: number;
    readonly rejects: number;
  };
  /** Rows by what is wrong with them. */
  readonly wrong: Readonly<Record<FindingKind, number>>;
  readonly foundByComparison: { readonly rows: number; readonly promised: number };
  readonly longestRecovery: Recovery | null;
  /** Until what was taken from Temporal was there again. */
  readonly longestRepair: Recovery | null;
  readonly repairs: readonly Recovery[];
  /** Longest of each kind, in milliseconds; null where others disturbed all of them. */
  readonly recoveries: Readonly<Record<FaultKind, number | null>>;
  /** By partner: the longest time without an advance that no fault and no pause excuses. */
  readonly longestStallsMs: readonly number[];
  readonly endedByItself: Readonly<Record<string, number>>;
  readonly answers: Readonly<Record<string, number>>;
  readonly findings: readonly string[];
  readonly complaints: readonly string[];
  readonly ms: number;
}

/** Of each kind: one that there are thousands of must not hide another. */
const MOST_FINDINGS = 8;

export function makeReport(of: {
  readonly run: Run;
  readonly plan: Plan;
  readonly injected: ReadonlyMap<FaultKind, number>;
  readonly evidence: readonly Evidence[];
  readonly advances: ReadonlyMap<number, readonly number[]>;
  readonly rests: ReadonlyMap<number, readonly Span[]>;
  readonly during: Span;
  readonly ms: number;
}): Report {
  const { run, plan, evidence, advances, ms } = of;
  const findings = evidence.flatMap((each) => judge(each).map((finding) => ({ ...finding, of: each.name })));
  const injected = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, of.injected.get(kind) ?? 0]));
  const sum = (value: (each: Evidence) => number) => evidence.reduce((total, each) => total + value(each), 0);
  const held = (kind: string) => sum(({ stored }) => stored.filter((row) => row.kind === kind).length);
  const { stack } = run;
  const longestStallsMs = stallsOf(of);
  const complaints = [...run.complaints, ...longestStallsMs.flatMap((each, n) => stalled(each, evidence[n]?.name))];
  const recovered = recoveries(run.disturbances, advances);
  const repaired = repairs(run.disturbances);
  const parts = [stack.postgres, stack.temporal, ...stack.workers, stack.api];
  return {
    ok: findings.length === 0 && complaints.length === 0,
    seed: plan.seed,
    minutes: plan.minutes,
    command: `npm run torture -- --minutes ${plan.minutes} --seed ${plan.seed}`,
    injected: injected as Record<FaultKind, number>,
    missed: FAULT_KINDS.filter((kind) => injected[kind] === 0),
    rows: {
      theirs: sum(({ truth }) => truth.length),
      events: held('event'),
      discards: held('discard'),
      rejects: held('reject'),
    },
    wrong: rowsByKind(findings),
    foundByComparison: { rows: sum(({ repaired }) => repaired), promised: sum((each) => each.promisedToComparison) },
    longestRecovery: longestRecovery(recovered),
    longestRepair: longestRecovery(repaired),
    repairs: repaired,
    recoveries: longestOfEach(recovered),
    longestStallsMs,
    endedByItself: Object.fromEntries(parts.map((part) => [part.name, part.endedByItself])),
    answers: answersOf(run),
    findings: FINDING_KINDS.flatMap((kind) =>
      findings
        .filter((each) => each.kind === kind)
        .slice(0, MOST_FINDINGS)
        .map((each) => `${each.of}: ${kind}: ${each.text}`),
    ),
    complaints,
    ms,
  };
}

function longestOfEach(recovered: readonly Recovery[]): Record<FaultKind, number | null> {
  const ofKind = (kind: FaultKind) => longestRecovery(recovered.filter((each) => each.kind === kind))?.ms ?? null;
  return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, ofKind(kind)])) as Record<FaultKind, number | null>;
}

const stallsOf = ({ run, advances, rests, during }: Parameters<typeof makeReport>[0]): number[] =>
  run.partners.map(({ n }) => {
    const own = run.disturbances.filter(({ partners }) => partners.includes(n));
    const disturbed = own.map(({ fromMs, toMs, upMs = toMs }) => ({ fromMs, toMs: upMs }));
    const excused = [...disturbed, ...(rests.get(n) ?? [])];
    return longestStallMs({ during, advances: advances.get(n) ?? [], excused });
  });

const stalled = (ms: number, name = ''): string[] =>
  ms <= LONGEST_STALL_MS ? [] : [`${name} collected nothing for ${Math.round(ms / 1000)} s that nothing excuses`];

function answersOf({ tries }: Run): Record<string, number> {
  const bySaid = Map.groupBy(tries, ({ said }) => said);
  return Object.fromEntries([...bySaid].map(([said, each]) => [said, each.length] as const).sort());
}

function rowsByKind(findings: readonly Finding[]): Record<FindingKind, number> {
  const rows = FINDING_KINDS.map((kind) => [
    kind,
    findings.filter((each) => each.kind === kind).reduce((sum, each) => sum + each.rows, 0),
  ]);
  return Object.fromEntries(rows) as Record<FindingKind, number>;
}

const number = (value: number): string => value.toLocaleString('en-US');

export function asText(report: Report): string {
  const { rows, wrong, foundByComparison: found, longestRecovery: longest } = report;
  const injected = Object.entries(report.injected);
  const width = Math.max(...injected.map(([kind]) => kind.length));
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const after = (of: Recovery | null) =>
    of === null ? 'nothing to recover from' : `${seconds(of.ms)} after ${of.kind}`;
  const ofKinds = Map.groupBy(report.repairs, ({ kind }) => kind);
  const longestOfKinds = [...ofKinds].map(([kind, each]) => `${kind} ${seconds(longestRecovery(each)?.ms ?? 0)}`);
  const restarts = Object.entries(report.endedByItself).filter(([, times]) => times > 0);
  return [
    '',
    '  faults injected',
    ...injected.map(([kind, times]) => `    ${kind.padEnd(width)}  ${number(times).padStart(6)}`),
    '',
    `  rows on the consoles  ${number(rows.theirs)}`,
    `  rows held             ${number(rows.events)} events, ${number(rows.discards)} discards, ${number(rows.rejects)} rejects`,
    `  losses                ${number(wrong.lost)}`,
    `  doubles               ${number(wrong.doubled)}`,
    `  misplaced             ${number(wrong.misplaced + wrong['never-mapped'] + wrong['wrong-version'])}`,
    `  wrong counts          ${number(wrong.miscounted)}, of unknown rows ${number(wrong.unknown)}`,
    `  found by comparisons  ${number(found.rows)} rows, of ${number(found.promised)} that came too late for anything else`,
    `  longest recovery      ${after(longest)}`,
    `  longest repair        ${after(report.longestRepair)} (${longestOfKinds.join(', ')})`,
    `  longest stall         ${report.longestStallsMs.map(seconds).join(', ')} by partner, without fault or pause`,
    `  answers of the api    ${Object.entries(report.answers)
      .map(([said, times]) => `${said}: ${number(times)}`)
      .join(', ')}`,
    ...(restarts.length === 0
      ? []
      : [`  ended by itself       ${restarts.map(([name, times]) => `${name}: ${times}`).join(', ')}`]),
    ...(report.missed.length === 0 ? [] : [`  never happened        ${report.missed.join(', ')}`]),
    ...report.findings.map((line) => `  WRONG  ${line}`),
    ...report.complaints.map((line) => `  WRONG  ${line}`),
    '',
    `  ${report.ok ? 'everything is as promised' : 'NOT as promised'}, ${seconds(report.ms)}; again: ${report.command}`,
    '',
  ].join('\n');
}
