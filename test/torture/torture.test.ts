// Three minutes of faults, as anybody runs them. The seed is fixed, so that a run that failed can be planned again;
// `TORTURE_SEED` tries another.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { FAULT_KINDS } from './kinds.js';
import type { Report } from './report.js';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const MINUTES = '3';
const SEED = process.env['TORTURE_SEED'] ?? '20260115';

test('nothing is lost, doubled or misplaced, whatever is killed, wrong or changed meanwhile', async () => {
  const campaign = spawn(
    process.execPath,
    ['--import', 'tsx', 'test/torture/main.ts', '--minutes', MINUTES, '--seed', SEED, '--json'],
    { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  // It stops everything that it has started.
  onTestFinished(() => void campaign.kill('SIGTERM'));
  const [told, progress, [exitCode]] = await Promise.all([
    text(campaign.stdout),
    text(campaign.stderr),
    once(campaign, 'exit') as Promise<[number | null]>,
  ]);
  if (told === '') throw new Error(`the campaign came to no verdict:\n${progress}`);
  const report = JSON.parse(told) as Report;

  expect(report.complaints, progress).toEqual([]);
  expect(report.findings, progress).toEqual([]);
  expect(Object.values(report.wrong).every((rows) => rows === 0)).toBe(true);
  expect(report.ok).toBe(true);
  expect(exitCode).toBe(0);
  const { theirs, events, discards, rejects } = report.rows;
  expect(theirs).toBeGreaterThan(30_000);
  expect(events + discards + rejects).toBe(theirs);
  expect(Math.min(events, discards, rejects)).toBeGreaterThan(0);
  for (const kind of FAULT_KINDS) expect(report.injected[kind], kind).toBeGreaterThan(0);
  expect(report.missed).toEqual([]);
});
