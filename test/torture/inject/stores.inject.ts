// PostgreSQL put back to a copy of some seconds ago, and Temporal's database lost. What was answered in the lost
// seconds is undone, so afterwards people do what they would do: they look which token is in use, hand over a new one
// where SentinelOne has killed it, and resume what they had resumed.
import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { CONTROL_KINDS } from '../kinds.js';
import type { Partner } from '../partner.js';
import { followRepair } from '../repair.js';
import { countDone, type Inject, type Run } from '../run.js';
import { command, rotated } from './commands.inject.js';

const run$ = promisify(execFile);
const LOOK_EVERY_MS = 500;
/** The next poll finds out; a backoff of 40 s and the start of a worker may come before it. */
const PAUSED_WITHIN_MS = 75_000;

const restored: Inject = async (run, fault) => {
  const turn = run.restoring.then(async () => {
    const restore = { copiedAtMs: 0, backAtMs: Infinity };
    const folder = await clusterFolder(run);
    const copy = `${folder}.copy`;
    await whilePostgresIsAway(run, async () => {
      restore.copiedAtMs = Date.now();
      // As PostgreSQL's own OS user left it, which it has to find again.
      await run$('cp', ['-a', folder, copy]);
    });
    await delay(fault.forMs, undefined, { signal: run.signal });
    run.restores.push(restore);
    await whilePostgresIsAway(run, async () => {
      await rm(folder, { recursive: true, force: true });
      await run$('mv', [copy, folder]);
    });
    restore.backAtMs = Date.now();
    countDone(run, fault.kind);
    await Promise.all(run.partners.map((partner) => lookAfter(run, partner)));
  });
  run.restoring = turn.catch(() => undefined);
  await turn;
};

async function clusterFolder({ stack: { dataDir } }: Run): Promise<string> {
  const name = (await readdir(dataDir)).find((each) => /^postgresql-\d+$/.test(each));
  if (name === undefined) throw new Error('PostgreSQL has no folder');
  return join(dataDir, name);
}

/** SIGINT is its fast stop: everything is written, so that the files are whole. */
async function whilePostgresIsAway(run: Run, work: () => Promise<void>): Promise<void> {
  const fromMs = Date.now();
  let toMs = fromMs;
  await run.stack.postgres.whileAway('SIGINT', async () => {
    await work();
    toMs = Date.now();
  });
  const partners = run.partners.map(({ n }) => n);
  run.disturbances.push({ kind: 'postgres-restored', fromMs, toMs, upMs: Date.now(), partners });
}

interface Shown {
  readonly pauseReasons: readonly string[];
  readonly token: { readonly lastFour: string } | null;
}

async function shown(partner: Partner): Promise<Shown> {
  const { body } = await partner.api.ask({ method: 'GET', path: `/v1/connections/${partner.connectionId}` });
  return body as unknown as Shown;
}

async function lookAfter(run: Run, partner: Partner): Promise<void> {
  if (partner.pausing === 0 && (await shown(partner)).pauseReasons.includes('person')) {
    const request = { method: 'POST', path: `/v1/connections/${partner.connectionId}/resume` } as const;
    await command(run, partner, { kind: null, request });
  }
  if (await usesDeadToken(partner)) {
    await untilTokenPause(run, partner);
    await rotated('add-token', null)(run, NO_FAULT, partner);
  }
}

const NO_FAULT = { atMs: 0, kind: 'token-rotated', partner: 0, forMs: 0, picks: [] } as const;

/** In its turn among changes of the token: what is shown is then what is in use. */
async function usesDeadToken(partner: Partner): Promise<boolean> {
  const { token: held } = partner;
  const turn = held.busy.then(async () => {
    const lastFour = (await shown(partner)).token?.lastFour ?? '';
    const label = held.labels.get(lastFour);
    if (label === undefined) throw new Error(`${partner.name} has a token that nobody gave it`);
    held.label = label;
    return held.dead.has(lastFour);
  });
  held.busy = turn.catch(() => undefined);
  return turn;
}

/** Nobody else gives it a living token meanwhile, or there is nothing to wait for. */
async function untilTokenPause(run: Run, partner: Partner): Promise<void> {
  const deadlineMs = Date.now() + PAUSED_WITHIN_MS;
  for (;;) {
    const { pauseReasons, token } = await shown(partner);
    if (pauseReasons.includes('token') || !partner.token.dead.has(token?.lastFour ?? '')) return;
    if (Date.now() > deadlineMs) {
      run.complaints.push(`${partner.name} was not paused though SentinelOne has killed its restored token`);
      return;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal: run.signal });
  }
}

const wiped: Inject = async (run, fault) => {
  const fromMs = Date.now();
  await run.stack.temporal.whileAway('SIGKILL', async () => {
    const folder = join(run.stack.dataDir, 'temporal');
    const files = (await readdir(folder)).filter((each) => each.startsWith('workflows.db'));
    await Promise.all(files.map((each) => rm(join(folder, each))));
  });
  countDone(run, fault.kind);
  for (const partner of run.partners) followRepair(run, partner, { kind: fault.kind, fromMs, runId: null });
};

export const STORES: Readonly<
  Record<Extract<(typeof CONTROL_KINDS)[number], 'postgres-restored' | 'temporal-wiped'>, Inject>
> = {
  'postgres-restored': restored,
  'temporal-wiped': wiped,
};
