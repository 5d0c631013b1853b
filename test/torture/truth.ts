// What the consoles really hold, over their control API, and what the product holds, as the owner of the database sees
// it.
import { z } from 'zod';
import type { MappingChange } from './mapping-in-force.js';
import type { Partner } from './partner.js';
import { consoleOf, type Run } from './run.js';
import type { Counter, Evidence, StoredRow, TruthRow } from './verdict.js';

type Row = Readonly<Record<string, unknown>>;

const TRUTH = z.object({
  id: z.string().nullable(),
  createdAt: z.string(),
  siteId: z.string().nullable(),
  agentId: z.string().nullable(),
  resolvedSiteId: z.string().nullable(),
});
const COUNTS = z.object({ total: z.number() });

async function query(run: Run, sql: string, partner: Partner): Promise<Row[]> {
  const { rows } = await run.stack.services.owner.pool.query<Row>(sql, [partner.accountId, partner.connectionId]);
  return rows;
}

/** Everything that the account's token may list; the connection collects it from its first row. */
const truthPath = (what: 'truth' | 'truth/counts', { s1AccountId }: Partner): string =>
  `${what}?${new URLSearchParams({ accountIds: s1AccountId, hidden: 'false' }).toString()}`;

export const visibleRows = async (partner: Partner): Promise<number> =>
  COUNTS.parse(await partner.console.read(truthPath('truth/counts', partner))).total;

async function readTruth(partner: Partner): Promise<TruthRow[]> {
  const response = await fetch(`${partner.console.url}/control/${truthPath('truth', partner)}`);
  if (!response.ok) throw new Error(`the console gave no ground truth: ${response.status}`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => TRUTH.parse(JSON.parse(line)));
}

const HELD = `
  select (select count(*) from events where account_id = $1 and connection_id = $2)
       + (select count(*) from discards where account_id = $1 and connection_id = $2)
       + (select count(*) from rejects where account_id = $1 and connection_id = $2) as held`;

export const heldRows = async (run: Run, partner: Partner): Promise<number> =>
  Number((await query(run, HELD, partner))[0]?.['held'] ?? 0);

const UNFINISHED = `
  select count(*) as unfinished from backfills
   where account_id = $1 and connection_id = $2 and state in ('queued', 'running')`;

export const unfinishedBackfills = async (run: Run, partner: Partner): Promise<number> =>
  Number((await query(run, UNFINISHED, partner))[0]?.['unfinished'] ?? 0);

export async function connectionRow(run: Run, partner: Partner): Promise<Row> {
  const [row] = await query(run, 'select * from connections where account_id = $1 and id = $2', partner);
  if (row === undefined) throw new Error('there is no such connection');
  return row;
}

export async function evidenceOf(run: Run, partner: Partner): Promise<Evidence> {
  const truth = await readTruth(partner);
  const stored = await readStored(run, partner);
  const history = await query(
    run,
    'select * from mapping_history where account_id = $1 and connection_id = $2',
    partner,
  );
  const [repairs] = await query(
    run,
    'select coalesce(sum(repaired), 0) as rows from completeness_checks where account_id = $1 and connection_id = $2',
    partner,
  );
  return {
    name: partner.name,
    truth,
    stored,
    history: history.map((row): MappingChange => ({
      version: Number(row['version']),
      siteId: textOf(row['site_id']),
      organizationId: textOf(row['organization_id']),
      committedAt: String(row['committed_at']),
    })),
    counters: await readCounters(run, partner, stored),
    repaired: Number(repairs?.['rows'] ?? 0),
    promisedToComparison: promisedToComparison(run, partner, truth),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Rows that came too late for the two minutes that are read again, and all that came after the clock had gone back. */
function promisedToComparison(run: Run, partner: Partner, truth: readonly TruthRow[]): number {
  const { veryLateIds, beforeBack } = consoleOf(run, partner);
  const before = beforeBack.get(partner.n);
  const afterBack = before === undefined ? 0 : truth.length - before;
  return afterBack + truth.filter(({ id }) => id !== null && veryLateIds.has(id)).length;
}

/** Whichever connection stored it: an account that holds another's row has one too many. */
const ofAccount = (table: string): string => `from ${table} where account_id = $1 and $2::uuid is not null`;

async function readStored(run: Run, partner: Partner): Promise<StoredRow[]> {
  const placed = 'activity_id, occurred_at, site_id, mapping_version';
  const events = await query(run, `select ${placed}, ingested_at, organization_id ${ofAccount('events')}`, partner);
  const discards = await query(run, `select ${placed}, discarded_at ${ofAccount('discards')}`, partner);
  const rejects = await query(run, `select occurred_at, raw ${ofAccount('rejects')}`, partner);
  const common = (row: Row, storedAt: unknown) => ({
    id: String(row['activity_id']),
    occurredAt: String(row['occurred_at']),
    siteId: textOf(row['site_id']),
    mappingVersion: Number(row['mapping_version']),
    storedAt: String(storedAt),
  });
  return [
    ...events.map((row): StoredRow => ({
      ...common(row, row['ingested_at']),
      kind: 'event',
      organizationId: String(row['organization_id']),
    })),
    ...discards.map((row): StoredRow => ({ ...common(row, row['discarded_at']), kind: 'discard' })),
    ...rejects.map((row): StoredRow => {
      const raw = JSON.parse(String(row['raw'])) as { siteId?: unknown };
      return { kind: 'reject', occurredAt: textOf(row['occurred_at']), siteId: textOf(raw.siteId) };
    }),
  ];
}

async function readCounters(run: Run, partner: Partner, stored: readonly StoredRow[]): Promise<Counter[]> {
  const connection = await connectionRow(run, partner);
  const sites = await query(run, 'select * from sites where account_id = $1 and connection_id = $2', partner);
  const of = (kind: StoredRow['kind']) => stored.filter((row) => row.kind === kind);
  const bySite = new Map(
    (['event', 'discard'] as const).map((kind) => [kind, Map.groupBy(of(kind), ({ siteId }) => siteId)]),
  );
  const counter = (name: string, says: unknown, counted: number): Counter => ({ name, says: Number(says), counted });
  return [
    counter('stored_count', connection['stored_count'], of('event').length),
    counter('discarded_count', connection['discarded_count'], of('discard').length),
    counter('rejected_count', connection['rejected_count'], of('reject').length),
    ...sites.flatMap((site) => {
      const siteId = textOf(site['site_id']);
      const held = (kind: 'event' | 'discard') => bySite.get(kind)?.get(siteId)?.length ?? 0;
      return [
        counter(`stored_count of site ${siteId ?? '-'}`, site['stored_count'], held('event')),
        counter(`discarded_count of site ${siteId ?? '-'}`, site['discarded_count'], held('discard')),
      ];
    }),
  ];
}
