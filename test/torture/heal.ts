// The end of the faults: everything is put right again, the consoles' time goes on to where every hour of the run is
// compared once more, and collecting gets a bounded time to finish.
import { setTimeout as delay } from 'node:timers/promises';
import { rotated } from './inject/commands.inject.js';
import type { Partner } from './partner.js';
import { consoleOf, type Run } from './run.js';
import { connectionRow, heldRows, unfinishedBackfills, visibleRows } from './truth.js';
import { AFTERWARDS_MS } from './world.js';

const LOOK_EVERY_MS = 500;
/** A backoff of 40 s, a start of a worker, a minute until a clock is believed, two rounds of comparisons. */
const HEAL_TIMEOUT_MS = 360_000;
const NO_FAULT = { atMs: 0, kind: 'token-rotated', partner: 0, forMs: 0, picks: [] } as const;

export async function heal(run: Run, log: (line: string) => void): Promise<void> {
  const startedAtMs = Date.now();
  for (const [n, console] of run.stack.consoles.entries()) {
    await console.order('stop-feed');
    await console.order('clear-faults');
    const record = run.consoles[n];
    if (record === undefined) continue;
    record.skewMs += AFTERWARDS_MS;
    await console.order('set-clock', { skewMs: record.skewMs });
  }
  await Promise.all(run.partners.map((partner) => healPartner(run, partner)));
  const left = await untilCollected(run, startedAtMs + HEAL_TIMEOUT_MS);
  log(left === '' ? `healed within ${Date.now() - startedAtMs} ms` : `not healed: ${left}`);
}

/** A person's resume, and a token that certainly lives. */
async function healPartner(run: Run, partner: Partner): Promise<void> {
  const path = `/v1/connections/${partner.connectionId}/resume`;
  await partner.api.ask({ method: 'POST', path });
  await rotated('add-token', null)(run, NO_FAULT, partner);
}

/** What is missing when the time is up; nothing, when all is there. */
async function untilCollected(run: Run, deadlineMs: number): Promise<string> {
  for (;;) {
    const left = (await Promise.all(run.partners.map((partner) => missingOf(run, partner)))).filter(
      (each) => each !== '',
    );
    if (left.length === 0) return '';
    if (Date.now() >= deadlineMs) return left.join('; ');
    await delay(LOOK_EVERY_MS, undefined, { signal: run.signal });
  }
}

async function missingOf(run: Run, partner: Partner): Promise<string> {
  try {
    const [visible, held, unfinished, connection] = await Promise.all([
      visibleRows(partner),
      heldRows(run, partner),
      unfinishedBackfills(run, partner),
      connectionRow(run, partner),
    ]);
    const isBehind = consoleLag(run, partner, connection['collected_through']) > AFTERWARDS_MS / 2;
    const missing = [
      ...(held < visible ? [`${visible - held} rows`] : []),
      ...(unfinished > 0 ? [`${unfinished} backfills`] : []),
      ...(connection['state'] === 'active' ? [] : [`state ${String(connection['state'])}`]),
      ...(isBehind ? ['a poll of the present'] : []),
    ];
    return missing.length === 0 ? '' : `${partner.name}: ${missing.join(', ')}`;
  } catch (error) {
    run.signal.throwIfAborted();
    return `${partner.name}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const consoleLag = (run: Run, partner: Partner, through: unknown): number =>
  Date.now() + consoleOf(run, partner).skewMs - Date.parse(String(through));
