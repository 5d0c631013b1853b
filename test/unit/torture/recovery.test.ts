// How long collecting took to go on after a fault.
import { expect, test } from 'vitest';
import { type Disturbance, longestRecovery, recoveries, repairs } from '../../torture/recovery.js';

const fault = (kind: Disturbance['kind'], fromMs: number, toMs: number, partners = [0]): Disturbance => ({
  kind,
  fromMs,
  toMs,
  partners,
});
const told = (disturbances: readonly Disturbance[], advances: Record<number, readonly number[]>) =>
  recoveries(disturbances, new Map(Object.entries(advances).map(([partner, at]) => [Number(partner), at]))).map(
    ({ kind, partner, ms }) => `${kind} ${partner} ${ms}`,
  );

test.each<[string, Disturbance[], Record<number, readonly number[]>, string[]]>([
  ['to the next advance', [fault('500', 10, 20)], { 0: [5, 15, 27, 30] }, ['500 0 7']],
  ['nothing at all', [fault('500', 10, 20)], { 0: [20] }, ['500 0 0']],
  ['for ever', [fault('500', 10, 20)], { 0: [5] }, ['500 0 Infinity']],
  ['of each partner that it disturbed', [fault('500', 10, 20, [0, 1])], { 0: [25], 1: [30] }, ['500 0 5', '500 1 10']],
  ['of nobody else', [fault('500', 10, 20, [0])], { 0: [25], 1: [99] }, ['500 0 5']],
  [
    'only the later, when another began before the advance',
    [fault('500', 10, 20), fault('502', 22, 40)],
    { 0: [45] },
    ['502 0 5'],
  ],
  ['only the longer of two at once', [fault('500', 10, 40), fault('502', 12, 20)], { 0: [45] }, ['500 0 5']],
  [
    'both, when it advanced in between',
    [fault('500', 10, 20), fault('502', 30, 40)],
    { 0: [21, 45] },
    ['500 0 1', '502 0 5'],
  ],
  ['in spite of another’s fault', [fault('500', 10, 20), fault('502', 15, 40, [1])], { 0: [25] }, ['500 0 5']],
])('%s', (_, disturbances, advances, expected) => {
  expect(told(disturbances, advances)).toEqual(expected);
});

test('a repair takes as long as its disturbance, whatever else disturbs', () => {
  const taken: Disturbance = { kind: 'workflow-deleted', fromMs: 10, toMs: 60, partners: [0], isRepaired: true };
  expect(repairs([taken, fault('500', 40, 70)])).toEqual([{ kind: 'workflow-deleted', partner: 0, ms: 50 }]);
  expect(told([taken], { 0: [9, 65] })).toEqual(['workflow-deleted 0 5']);
});

test('the longest', () => {
  const of = recoveries([fault('500', 0, 1), fault('502', 10, 11)], new Map([[0, [5, 30]]]));
  expect(longestRecovery(of)).toEqual({ kind: '502', partner: 0, ms: 19 });
  expect(longestRecovery([])).toBeNull();
});
