// One project per kind of test, so that a kind can be run alone: `npx vitest run --project unit`.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const seconds = (n: number) => n * 1000;
const postgres = 'test/support/postgres.setup.ts';
const temporal = 'test/support/temporal.setup.ts';

/** The kinds whose files take longest begin first, or the last of them would run alone at the end. */
const LONGEST_FIRST = ['torture', 'e2e', 'web', 'workflows', 'activities', 'api'];

/** One queue for all kinds of tests, the longest kind first. Within a kind, files keep the order that Vitest gives. */
class LongestKindFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ project }: TestSpecification) => {
      const found = LONGEST_FIRST.indexOf(project.name);
      return found === -1 ? LONGEST_FIRST.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    // Most files wait for processes, timers and time-outs, which costs no processor: with three side by side two cores
    // were busy for three quarters of the time. Vitest's own number is one less than there are cores. It is the same
    // for all projects, because Vitest runs only those side by side that agree in it.
    maxWorkers: 4,
    sequence: { sequencer: LongestKindFirst },
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
          testTimeout: seconds(180),
          hookTimeout: seconds(180),
        },
      },
      {
        test: {
          name: 'web',
          include: ['test/web/**/*.test.ts'],
          globalSetup: ['test/web/web.setup.ts'],
          testTimeout: seconds(120),
          hookTimeout: seconds(180),
        },
      },
      {
        test: {
          name: 'torture',
          include: ['test/torture/**/*.test.ts'],
          // Three minutes of faults, and on a busy machine two and three times as much for starting and healing.
          testTimeout: seconds(900),
        },
      },
    ],
  },
});
