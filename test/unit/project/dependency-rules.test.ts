// .dependency-cruiser.cjs against made-up modules, one import each: what may not be imported is told by the rule meant
// for it, and what may be is not told at all. Folders that do not exist yet are guarded like the others.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const { options, ...ruleSet } = createRequire(import.meta.url)(
  '../../../.dependency-cruiser.cjs',
) as Required<IConfiguration>;

const FORBIDDEN: readonly [from: string, to: string, rule: string][] = [
  ['src/domain/a.ts', 'src/store/a.ts', 'floor-of-domain'],
  ['src/esql/a.ts', 'src/sentinelone/a.ts', 'floor-of-esql'],
  ['src/sentinelone/a.ts', 'src/store/a.ts', 'floor-of-sentinelone'],
  ['src/store/a.ts', 'src/search/a.ts', 'floor-of-store'],
  ['src/search/a.ts', 'src/detection/a.ts', 'floor-of-search'],
  ['src/search/b.ts', 'src/api/a.ts', 'floor-of-search'],
  ['src/detection/a.ts', 'activities/a.ts', 'floor-of-detection'],
  ['activities/a.ts', 'src/temporal/a.ts', 'floor-of-activities'],
  ['workflows/a.ts', 'src/worker/a.ts', 'floor-of-workflows'],
  ['src/temporal/a.ts', 'src/changes/a.ts', 'floor-of-temporal'],
  ['src/changes/a.ts', 'src/api/a.ts', 'floor-of-changes'],
  ['src/worker/a.ts', 'src/api/a.ts', 'floor-of-worker'],
  ['src/api/a.ts', 'src/cli/a.ts', 'floor-of-api'],
  ['src/cli/a.ts', 'src/embedded/a.ts', 'floor-of-cli'],
  ['src/embedded/a.ts', 'src/config.ts', 'floor-of-embedded'],
  ['src/log.ts', 'src/store/a.ts', 'small-modules'],
  ['src/domain/b.ts', 'src/log.ts', 'domain-is-pure'],
  ['src/domain/c.ts', 'node:fs', 'pure-no-builtins'],
  ['src/detection/b.ts', 'node:fs', 'pure-no-builtins'],
  ['src/detection/c.ts', 'src/store/a.ts', 'detection-is-pure'],
  ['src/esql/b.ts', 'src/domain/a.ts', 'esql-stands-alone'],
  ['src/esql/c.ts', 'node:fs', 'pure-no-builtins'],
  ['src/esql/d.ts', 'node_modules/a-package/index.ts', 'esql-has-no-dependency'],
  ['src/domain/d.ts', 'node_modules/zod/index.ts', 'domain-without-zod'],
  ['src/store/b.ts', 'node_modules/@nestjs/core/index.ts', 'nest-in-the-api-only'],
  ['workflows/b.ts', 'activities/a.ts', 'workflows-activity-types-only'],
  ['workflows/c.ts', 'src/store/a.ts', 'workflows-deterministic'],
  ['src/search/c.ts', 'src/sentinelone/a.ts', 'search-layer'],
  ['src/api/b.ts', 'src/sentinelone/a.ts', 'api-layer'],
  ['src/api/c.ts', 'src/worker/a.ts', 'api-layer'],
  ['web/a.ts', 'src/domain/a.ts', 'web-layer'],
  ['web/b.ts', 'src/api/a.ts', 'web-layer'],
  ['src/api/d.ts', 'web/a.ts', 'web-is-built'],
  ['scripts/a.ts', 'web/a.ts', 'web-is-built'],
  ['simulator/a.ts', 'src/domain/a.ts', 'simulator-stands-alone'],
];

const ALLOWED: readonly [from: string, to: string][] = [
  ['src/main.api.ts', 'src/config.ts'],
  ['src/main.worker.ts', 'activities/b.ts'],
  ['src/embedded/b.ts', 'src/worker/b.ts'],
  ['src/api/e.ts', 'src/search/d.ts'],
  ['src/search/e.ts', 'src/esql/e.ts'],
  ['activities/c.ts', 'src/detection/d.ts'],
  ['activities/d.ts', 'src/log.ts'],
  ['src/detection/e.ts', 'src/domain/e.ts'],
  ['web/c.ts', 'src/esql/e.ts'],
  ['test/unit/web/a.ts', 'web/d.ts'],
  ['test/unit/simulator/a.ts', 'simulator/b.ts'],
];

let folder = '';
let violations: ICruiseResult['summary']['violations'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dependency-rules-'));
  const write = (path: string, text: string, flag: 'w' | 'a') => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { flag });
  };
  const edges = [...FORBIDDEN, ...ALLOWED];
  for (const [from, to] of edges) for (const path of [from, to]) if (!path.startsWith('node:')) write(path, '', 'w');
  for (const [from, to] of edges) {
    const target = to.startsWith('node:') ? to : `./${relative(dirname(from), to)}`;
    write(from, `import '${target}';\n`, 'a');
  }
  // The modules import one another at random, so circles and dead ends mean nothing here.
  const forbidden = ruleSet.forbidden?.filter(({ name }) => !['no-cycles', 'no-orphans'].includes(name ?? '')) ?? [];
  const { output } = await cruise(['src', 'web', 'workflows', 'activities', 'simulator', 'scripts', 'test'], {
    ...options,
    baseDir: folder,
    validate: true,
    ruleSet: { forbidden },
  });
  violations = (output as ICruiseResult).summary.violations;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rulesAgainst = (from: string, to: string) =>
  violations.filter((each) => each.from === from && each.to === to.replace('node:', '')).map(({ rule }) => rule.name);

describe('is refused', () => {
  test.each(FORBIDDEN)('%s -> %s, by %s', (from, to, rule) => {
    expect(rulesAgainst(from, to)).toContain(rule);
  });
});

describe('is accepted', () => {
  test.each(ALLOWED)('%s -> %s', (from, to) => {
    expect(rulesAgainst(from, to)).toEqual([]);
  });
});
