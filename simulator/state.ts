// Everything a running console holds, in one place. Endpoints read it; the control changes it.
import { ActivityLog } from './activities/activity-log.js';
import type { CreatedAtForm } from './activities/created-at-form.js';
import { Cursors } from './activities/cursors.js';
import { KeptTexts } from './activities/kept-texts.js';
import { createRenderer } from './activities/render.js';
import { FactsOfRows } from './activities/row-facts.js';
import { RowMaker } from './activities/row-maker.js';
import type { ResolvedOptions } from './options.js';
import { type ConsoleClock, createClock } from './world/clock.js';
import { readInstant } from './world/instants.js';
import { keepTokensIn } from './world/token-journal.js';
import { TokenRegistry } from './world/tokens.js';
import { World } from './world/world.js';

/** Sites are older than any history. */
const SITE_AGE_MICROS = 300 * 86_400 * 1_000_000;

/** How a role lists the two permission pages whose real names are not public. */
export interface PageNames {
  integrations: string;
  notifications: string;
}

export interface ConsoleState {
  readonly options: ResolvedOptions;
  readonly clock: ConsoleClock;
  readonly world: World;
  readonly log: ActivityLog;
  readonly facts: FactsOfRows;
  readonly texts: KeptTexts;
  readonly rows: RowMaker;
  readonly tokens: TokenRegistry;
  readonly cursors: Cursors;
  /** Ids of accounts and sites whose syslog is in use by somebody else. */
  readonly syslogTaken: Set<string>;
  readonly pageNames: PageNames;
  /** What tests may change while the console runs. */
  readonly knobs: Knobs;
}

export interface Knobs {
  rateLimit: boolean;
  retryAfter: 'none' | 'seconds' | 'date';
  pageLatencyMs: number;
  createdAtForm: CreatedAtForm;
  /** `always` is what a proxy does that does not look at what was asked for. */
  gzip: 'never' | 'asked' | 'always';
}

export function createState(options: ResolvedOptions): ConsoleState {
  const clock = createClock(options.machineNowMs, options.clockSkewMs);
  const historyEnd = (options.historyEndsAt === null ? null : readInstant(options.historyEndsAt)) ?? clock.nowMicros();
  const historyStart = historyEnd - options.historyWindowMs * 1000;
  const world = new World(options.seed, options.accounts, historyStart - SITE_AGE_MICROS);
  const log = new ActivityLog(options.seed);
  const facts = new FactsOfRows(world, log);
  if (options.historyRows > 0) {
    const past = new RowMaker(world, log, options.seed);
    log.append(past.spread({ rows: options.historyRows, fromMicros: historyStart, toMicros: historyEnd }));
  }
  const texts = new KeptTexts(world, createRenderer(facts));
  texts.keep(log, options.keepTextsMiB * 2 ** 20);
  const tokens = new TokenRegistry(world, options.seed, () => clock.nowMicros());
  options.tokens.forEach((seed, n) =>
    tokens.add(n === 0 && options.token !== null ? { ...seed, token: options.token } : seed),
  );
  if (options.tokensFile !== null) keepTokensIn(options.tokensFile, tokens);
  return {
    options,
    clock,
    world,
    log,
    facts,
    texts,
    rows: new RowMaker(world, log, options.seed + 1),
    tokens,
    cursors: new Cursors(),
    syslogTaken: new Set(),
    pageNames: { integrations: 'Console Integrations', notifications: 'Notification Settings' },
    knobs: {
      rateLimit: options.rateLimit,
      retryAfter: options.retryAfter,
      pageLatencyMs: options.pageLatencyMs,
      createdAtForm: 'micros',
      gzip: 'never',
    },
  };
}
