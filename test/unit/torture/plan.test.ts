// The plan of a fault campaign: the same seed gives the same plan, and no kind of fault is ever left out.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTROL_KINDS, FAULT_KINDS, PROCESS_KINDS } from '../../torture/kinds.js';
import {
  CONSOLE_OF_PARTNER,
  FIRST_SKEWS_MS,
  type Plan,
  planCampaign,
  type PlannedFault,
  SHORTEST_MINUTES,
} from '../../torture/plan.js';

const MINUTE_MS = 60_000;
const plans = fc
  .record({ seed: fc.integer(), minutes: fc.double({ min: SHORTEST_MINUTES, max: 30, noNaN: true }) })
  .map(planCampaign);
const holds = (property: (plan: Plan) => void) => fc.assert(fc.property(plans, property), { numRuns: 200 });

describe('a plan', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(planCampaign({ seed: 7, minutes: 3 })).toEqual(planCampaign({ seed: 7, minutes: 3 }));
    expect(planCampaign({ seed: 7, minutes: 3 }).faults).not.toEqual(planCampaign({ seed: 8, minutes: 3 }).faults);
  });

  test('has every kind', () => {
    holds(({ faults }) => {
      expect([...new Set(faults.map(({ kind }) => kind))].sort()).toEqual([...FAULT_KINDS].sort());
    });
  });

  test('is in order, and every fault is over when the time is', () => {
    holds(({ faults, durationMs }) => {
      expect(faults.every(({ atMs, forMs }) => atMs >= 0 && forMs >= 0 && atMs + forMs <= durationMs)).toBe(true);
      expect(faults.map(({ atMs }) => atMs)).toEqual(faults.map(({ atMs }) => atMs).sort((a, b) => a - b));
    });
  });

  test('spares no partner, and picks within bounds', () => {
    holds(({ faults }) => {
      expect(new Set(faults.map(({ partner }) => partner))).toEqual(new Set(CONSOLE_OF_PARTNER.keys()));
      expect(faults.flatMap(({ picks }) => picks).every((pick) => pick >= 0 && pick < 1)).toBe(true);
    });
  });

  test.each([
    [0, 'clock-forward'],
    [1, 'clock-back'],
  ] as const)('takes the clock of console %i from one end to the other, only by %s', (consoleN, kind) => {
    holds(({ faults }) => {
      const changes = faults.filter((fault) => fault.skewMs !== undefined && consoleOf(fault) === consoleN);
      const firstMs = FIRST_SKEWS_MS[consoleN];
      const skews = [firstMs, ...changes.map(({ skewMs = NaN }) => skewMs)];
      expect(changes.every((fault) => fault.kind === kind)).toBe(true);
      expect(skews).toEqual(skews.toSorted((a, b) => (kind === 'clock-forward' ? a - b : b - a)));
      expect(Math.abs(firstMs)).toBe(10 * MINUTE_MS);
      expect(skews.at(-1)).toBe(-firstMs);
    });
  });

  test('sets no clock back before two thirds of the time, so that most rows must be found without a comparison', () => {
    holds(({ faults, durationMs }) => {
      const back = faults.filter(({ kind }) => kind === 'clock-back');
      expect(back.every(({ atMs }) => atMs >= Math.floor((durationMs * 2) / 3))).toBe(true);
    });
  });
});

const isControl = ({ kind }: PlannedFault) => CONTROL_KINDS.some((each) => each === kind);

test('resets, wipes and restores nothing in the last quarter: what they broke has to be whole at the end', () => {
  holds(({ faults, durationMs }) => {
    const over = faults.filter(isControl).map(({ atMs, forMs }) => atMs + forMs);
    expect(Math.max(...over)).toBeLessThanOrEqual(durationMs * 0.75);
  });
});

test('three minutes have each of them once, ten each at least three times', () => {
  const times = (minutes: number, seed: number) => {
    const { faults } = planCampaign({ seed, minutes });
    return CONTROL_KINDS.map((kind) => faults.filter((fault) => fault.kind === kind).length);
  };
  expect(times(3, 1)).toEqual(CONTROL_KINDS.map(() => 1));
  expect(Math.min(...times(10, 1), ...times(10, 2))).toBeGreaterThanOrEqual(3);
});

const consoleOf = ({ partner }: PlannedFault) => CONSOLE_OF_PARTNER[partner];

test('the longer, the more: a process is ended about every 14 s', () => {
  const ended = (minutes: number) =>
    planCampaign({ seed: 1, minutes }).faults.filter(({ kind }) => PROCESS_KINDS.some((each) => each === kind)).length;
  expect([ended(3), ended(30)]).toEqual([13, 128]);
});

test.each([0, 0.4, -1, NaN])('%d minutes are refused', (minutes) => {
  expect(() => planCampaign({ seed: 1, minutes })).toThrow(RangeError);
});
