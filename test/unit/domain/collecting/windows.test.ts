import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  historyToHandOver,
  liveWindow,
  OVERLAP_MICROS,
  sliceWindow,
} from '../../../../src/domain/collecting/windows.js';
import { MICROS_PER_HOUR as HOUR, MICROS_PER_MINUTE as MINUTE, toMicros } from '../../../../src/domain/instant.js';

const NOW = toMicros('2026-01-15T12:00:00.123456Z');
const ago = (micros: number) => NOW - micros;
const START = ago(10 * HOUR);
const never = { collectFromMicros: START, watermarkMicros: null, collectedThroughMicros: null };
const at = (watermarkMicros: number, collectedThroughMicros: number | null = null) => ({
  collectFromMicros: START,
  watermarkMicros,
  collectedThroughMicros,
});

describe('the next poll asks', () => {
  test.each([
    ['from where collecting begins when nothing was collected', never, START],
    ['two minutes before the watermark', at(ago(HOUR)), ago(HOUR) - OVERLAP_MICROS],
    ['never before where collecting begins', at(START + MINUTE), START],
    ['from the watermark, whatever was collected through', at(ago(HOUR), NOW), ago(HOUR) - OVERLAP_MICROS],
  ])('%s, up to a minute ahead', (_, position, fromMicros) => {
    expect(liveWindow(position, NOW)).toEqual({ fromMicros, toMicros: NOW + MINUTE });
  });
});

describe('history is handed over', () => {
  const fromWatermark = (watermark: number) => ({ fromMicros: watermark - OVERLAP_MICROS, toMicros: NOW });
  const quarter = 15 * MINUTE;
  test.each([
    ['not while live keeps up', at(ago(quarter)), 30_000, null],
    [
      'when live is more than a quarter of an hour behind',
      at(ago(quarter + 1)),
      30_000,
      fromWatermark(ago(quarter + 1)),
    ],
    ['not before three intervals when polls are rare', at(ago(45 * MINUTE)), 15 * 60_000, null],
    ['after three intervals', at(ago(45 * MINUTE + 1)), 15 * 60_000, fromWatermark(ago(45 * MINUTE + 1))],
    [
      'not for an idle connection, which was collected through a moment ago',
      at(ago(5 * HOUR), ago(MINUTE)),
      30_000,
      null,
    ],
    [
      'from the watermark when collecting stopped long ago',
      at(ago(5 * HOUR), ago(4 * HOUR)),
      30_000,
      fromWatermark(ago(5 * HOUR)),
    ],
    ['as a whole at the first mapping', never, 30_000, { fromMicros: START, toMicros: NOW }],
    ['not when collecting begins now', { ...never, collectFromMicros: NOW }, 30_000, null],
    ['not when collecting begins in the future', { ...never, collectFromMicros: NOW + HOUR }, 30_000, null],
  ])('%s', (_, position, intervalMs, expected) => {
    expect(historyToHandOver(position, NOW, intervalMs)).toEqual(expected);
  });
});

describe('slices', () => {
  test.each([
    [0, 0, []],
    [0, 1, [[0, 1]]],
    [0, 6 * HOUR, [[0, 6 * HOUR]]],
    [5, 6 * HOUR + 6, [[5, 6 * HOUR + 5], [6 * HOUR + 5, 6 * HOUR + 6]]], // prettier-ignore
    [7, 3, []],
  ])('of [%d, %d)', (fromMicros, toMicros, expected) => {
    const slices = sliceWindow({ fromMicros, toMicros });
    expect(slices.map((slice) => [slice.fromMicros, slice.toMicros])).toEqual(expected);
  });

  test('cover any window exactly, oldest first, six hours at most each', () => {
    const window = fc.record({ fromMicros: fc.nat(), length: fc.integer({ min: 1, max: 300 * HOUR }) });
    fc.assert(
      fc.property(window, ({ fromMicros, length }) => {
        const slices = sliceWindow({ fromMicros, toMicros: fromMicros + length });
        expect(slices[0]?.fromMicros).toBe(fromMicros);
        expect(slices.at(-1)?.toMicros).toBe(fromMicros + length);
        for (const [index, slice] of slices.entries()) {
          expect(slice.toMicros - slice.fromMicros).toBeGreaterThan(0);
          expect(slice.toMicros - slice.fromMicros).toBeLessThanOrEqual(6 * HOUR);
          if (index > 0) expect(slice.fromMicros).toBe(slices[index - 1]?.toMicros);
        }
      }),
      { seed: 20260115 },
    );
  });
});
