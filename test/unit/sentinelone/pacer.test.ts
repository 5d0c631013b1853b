import { describe, expect, test } from 'vitest';
import { BACKFILL_SHARE, CHECK_SHARE, LIVE_SHARE } from '../../../activities/attempt/connection-session.js';
import { createPacer, intervalMs, type Turn } from '../../../src/sentinelone/http/pacer.js';

const aTurn = (fields: Partial<Turn> = {}): Turn => ({ tokenKey: 'token', family: 'activities', share: 1, ...fields });

describe('the interval', () => {
  test.each<[string, Omit<Turn, 'tokenKey'>, number]>([
    ['live polling', { family: 'activities', share: 0.2 }, 500],
    ['backfill', { family: 'activities', share: 0.7 }, 1000 / 7],
    ['sites, whatever the share', { family: 'sites', share: 0.1 }, 10],
    ['the current user', { family: 'user', share: 1 }, 500],
    ['agents', { family: 'agents', share: 1 }, 40],
  ])('of %s', (_case, turn, expected) => {
    expect(intervalMs(turn, 10)).toBeCloseTo(expected);
  });
});

test('what one connection may run at once, each in whichever process, is within the pace together', () => {
  const perSecond = [LIVE_SHARE, BACKFILL_SHARE, CHECK_SHARE].map(
    (share) => 1000 / intervalMs({ family: 'activities', share }, 10),
  );
  expect(perSecond.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(10 + 1e-9);
  expect(LIVE_SHARE).toBeGreaterThan(0);
});

/** Milliseconds that each of these turns had to wait, asked for all at once. */
async function waitsOf(pacer: ReturnType<typeof createPacer>, turns: readonly Turn[]): Promise<number[]> {
  const startMs = performance.now();
  return Promise.all(
    turns.map(async (turn) => {
      await pacer.waitForTurn(turn, undefined);
      return performance.now() - startMs;
    }),
  );
}

describe('turns', () => {
  test('of one token and family come one after another', async () => {
    const pacer = createPacer({ activityRequestsPerSecond: 50 });
    const waits = await waitsOf(pacer, [aTurn(), aTurn(), aTurn(), aTurn()]);
    expect(waits[3]).toBeGreaterThan(55);
    expect(waits[0]).toBeLessThan(waits[3] ?? 0);
  });

  test('of other tokens, families and shares do not wait for each other', async () => {
    const pacer = createPacer({ activityRequestsPerSecond: 0.1 });
    const turns = [
      aTurn(),
      aTurn({ tokenKey: 'other' }),
      aTurn({ share: 0.5 }),
      aTurn({ family: 'user' }),
      aTurn({ family: 'sites' }),
    ];
    await expect(waitsOf(pacer, turns)).resolves.toHaveLength(5);
  });

  test('come at once when pacing is off', async () => {
    const pacer = createPacer({ activityRequestsPerSecond: 0 });
    await expect(
      waitsOf(
        pacer,
        Array.from({ length: 1000 }, () => aTurn({ family: 'user' })),
      ),
    ).resolves.toHaveLength(1000);
  });

  test('are given up when the signal aborts', async () => {
    const pacer = createPacer({ activityRequestsPerSecond: 0.001 });
    await pacer.waitForTurn(aTurn(), undefined);
    const controller = new AbortController();
    const waiting = pacer.waitForTurn(aTurn(), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow();
  });
});
