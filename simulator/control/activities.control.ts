// Commands about activities: rows now or in the past, in any number, by type and place, or as raw text; and the live
// feed.
import { z } from 'zod';
import { type NewRow, NONE, RAW_KIND } from '../activities/activity-log.js';
import type { Feed } from '../activities/feed.js';
import type { RowPlace } from '../activities/row-maker.js';
import { KINDS } from '../kinds/catalog.js';
import type { ConsoleState } from '../state.js';
import { SEQUENCE_MASK, snowflake } from '../world/ids.js';
import { readInstant, writeInstant } from '../world/instants.js';
import { command, ControlError, known } from './command.js';

/** More ids than this are not listed in the answer; the ground truth has them all. */
const MAX_IDS = 1000;
const INSTANT = z.string().refine((text) => readInstant(text) !== null, 'not an ISO 8601 instant');
/** Ids begin in 2017, so a rendered row cannot be older; a raw one can. */
const RENDERED_INSTANT = INSTANT.refine(
  (text) => (readInstant(text) ?? 0) >= Date.UTC(2017, 0, 2) * 1000,
  'before 2017',
);
const COUNT = z.int().min(1).max(5_000_000).default(1);

const APPEND = z.strictObject({
  count: COUNT,
  /** Without a type the rows are everyday ones and the place is left to chance. */
  type: z.int().optional(),
  /** null: of the whole tenant. Left out: the site's or agent's account, else the first. */
  accountId: z.string().nullable().optional(),
  /** null with an agent: a row that names the agent but no site. */
  siteId: z.string().nullable().optional(),
  agentId: z.string().nullable().optional(),
  /** When the rows say they were created; by default now. An instant in the past makes late rows. */
  at: RENDERED_INSTANT.optional(),
  /** Between one row and the next; 0 gives all the same createdAt. */
  stepMicros: z.int().min(0).default(0),
  hidden: z.boolean().optional(),
});

const RAW = z.strictObject({
  /** The row's JSON text, served untouched; `{{id}}`, `{{createdAt}}` and `{{n}}` are filled in first. */
  text: z.string(),
  count: COUNT,
  /** Where it is sorted in; by default its own createdAt, else now. */
  at: INSTANT.optional(),
  /** Who sees it; by default the text's accountId, else the first account. */
  accountId: z.string().optional(),
  hidden: z.boolean().default(false),
});

export const activityCommands = (state: ConsoleState, feed: Feed) => {
  const { clock, log, rows, world } = state;

  const placeOf = (wish: z.output<typeof APPEND>, type: number): RowPlace => {
    const scopes = new Set(KINDS.filter((kind) => kind.type === type).map((kind) => kind.scope));
    if (scopes.size === 0) throw new ControlError(`the simulator cannot make type ${type}; append it raw`);
    const home = wish.siteId === undefined || wish.siteId === null ? null : known('site', world.site(wish.siteId));
    const needsAgent = !scopes.has('account') && !scopes.has('site');
    const candidates = home === null ? world.agents : world.agentsOf(home);
    const chance = needsAgent && wish.agentId === undefined ? (candidates[log.size % candidates.length] ?? null) : null;
    const agent =
      wish.agentId === undefined || wish.agentId === null ? chance : known('agent', world.agent(wish.agentId));
    const needsSite = !scopes.has('account') && wish.siteId === undefined && wish.accountId === undefined;
    const site = wish.siteId === null ? null : (home ?? agent?.site ?? (needsSite ? (world.sites[0] ?? null) : null));
    if (wish.accountId === null) return { account: null, site, agent };
    const account = wish.accountId === undefined ? (site ?? agent?.site)?.account : world.account(wish.accountId);
    return {
      account: known('account', account ?? (wish.accountId === undefined ? world.accounts[0] : undefined)),
      site,
      agent,
    };
  };

  function* make(wish: z.output<typeof APPEND>): Iterable<NewRow> {
    const at = wish.at === undefined ? null : readInstant(wish.at);
    for (let n = 0; n < wish.count; n += 1) {
      const createdAtMicros = (at ?? clock.nowMicros()) + n * wish.stepMicros;
      if (wish.type === undefined) {
        yield rows.next(createdAtMicros);
        continue;
      }
      const place = placeOf(wish, wish.type);
      const row = rows.of({
        createdAtMicros,
        type: wish.type,
        place,
        ...(wish.hidden === undefined ? {} : { hidden: wish.hidden }),
      });
      yield known('type', row);
    }
  }

  const appended = (first: number) => {
    const count = log.size - first;
    const ids = Array.from({ length: Math.min(count, MAX_IDS) }, (_, n) => log.idOf(first + n));
    return { count, ids, lastId: log.idOf(log.size - 1) };
  };

  return {
    appendActivities: command(APPEND, (wish) => appended(log.append(make(wish)))),
    appendRaw: command(RAW, (wish) => {
      const first = log.size;
      for (let n = 0; n < wish.count; n += 1) {
        const atMicros = (wish.at === undefined ? null : readInstant(wish.at)) ?? clock.nowMicros();
        const text = wish.text
          .replaceAll('{{id}}', snowflake(Math.floor(atMicros / 1000), log.size & SEQUENCE_MASK))
          .replaceAll('{{createdAt}}', writeInstant(atMicros))
          .replaceAll('{{n}}', String(n));
        const stated = statedBy(text);
        const own = stated.createdAt === null ? null : readInstant(stated.createdAt);
        const account =
          wish.accountId === undefined
            ? (world.account(stated.accountId ?? '') ?? world.accounts[0])
            : known('account', world.account(wish.accountId));
        const row: NewRow = {
          createdAtMicros: wish.at === undefined ? (own ?? atMicros) : atMicros,
          kind: RAW_KIND,
          account: account?.index ?? NONE,
          site: world.site(stated.siteId ?? '')?.index ?? NONE,
          agent: world.agent(stated.agentId ?? '')?.index ?? NONE,
          hidden: wish.hidden,
          threatSlot: NONE,
        };
        log.appendRaw(row, { text, ...stated });
      }
      return appended(first);
    }),
    /** Everyday rows at a steady rate; `lateShare` of them are dated up to `lateByMs` back. */
    startFeed: command(
      z.strictObject({
        rowsPerSecond: z.number().min(0).max(100_000),
        lateShare: z.number().min(0).max(1).default(0),
        lateByMs: z.int().min(1).default(60_000),
      }),
      (options) => feed.start(options),
    ),
    stopFeed: command(z.strictObject({}).default({}), () => feed.stop()),
    /** Every cursor handed out so far becomes a 400. */
    expireCursors: command(z.strictObject({}).default({}), () => state.cursors.expireAll()),
  };
};

/** What a raw text says of itself, as far as it can be read. */
function statedBy(text: string) {
  const value = parse(text);
  const stringOf = (key: string) => (typeof value[key] === 'string' ? value[key] : null);
  const activityType = typeof value['activityType'] === 'number' ? value['activityType'] : null;
  return {
    id: stringOf('id'),
    createdAt: stringOf('createdAt'),
    accountId: stringOf('accountId'),
    siteId: stringOf('siteId'),
    agentId: stringOf('agentId'),
    activityType,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
