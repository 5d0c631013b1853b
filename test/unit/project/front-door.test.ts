// What a stranger's machine goes by: the Node to use, the check that GitHub runs, and the forms for issues.
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, { readonly 'timeout-minutes'?: number; readonly steps: readonly Step[] }>>;
}

const place = (path: string) => new URL(`../../../${path}`, import.meta.url);
const read = (path: string) => readFileSync(place(path), 'utf8');

test('.nvmrc names the Node that npm scripts run', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
  expect(read('.nvmrc').trim()).toBe(devDependencies['node']);
});

test('git can run the pre-push hook', () => {
  expect(() => accessSync(place('scripts/pre-push'), constants.X_OK)).not.toThrow();
});

describe('the GitHub workflow', () => {
  const workflow = parse(read('.github/workflows/ci.yml')) as Workflow;
  const jobs = Object.values(workflow.jobs);
  const steps = jobs.flatMap((job) => job.steps);

  test('runs .ci/run at a push and a pull request, and nothing else', () => {
    expect(Object.keys(workflow.on)).toEqual(expect.arrayContaining(['push', 'pull_request']));
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['bash .ci/run']);
  });

  test('uses the Node of .nvmrc and pins the major version of each action', () => {
    expect(steps.map((step) => step.with?.['node-version-file'])).toContain('.nvmrc');
    expect(steps.flatMap(({ uses }) => uses ?? []).filter((uses) => !/@v\d+$/.test(uses))).toEqual([]);
  });

  test('may only read, and ends', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(jobs.filter((job) => job['timeout-minutes'] === undefined)).toEqual([]);
  });
});

test.each(readdirSync(place('.github/ISSUE_TEMPLATE')))('the form %s can be read', (name) => {
  const form = parse(read(`.github/ISSUE_TEMPLATE/${name}`)) as { name: string; description: string; body: unknown[] };
  expect(form).toMatchObject({ name: expect.any(String) as string, description: expect.any(String) as string });
  expect(form.body.length).toBeGreaterThan(0);
});
