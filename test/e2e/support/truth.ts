// What the product stored, compared with what the console really holds: every activity exactly once, under the mapping
// that was in force when it was stored, and counters that say the same. The expectation is worked out here from the
// mapping's history, with none of the product's own routing.
import type { TruthRow } from '../../../simulator/activities/truth.js';
import type { Row } from './e2e-stack.js';
import type { Partner } from './partner.js';

/** Empty when all is well; each line says one thing that is wrong. */
export async function compareWithTruth(partner: Partner): Promise<string[]> {
  const placed = 'activity_id, occurred_at, site_id, mapping_version';
  const stored: Stored = {
    events: await partner.rows('events', { columns: `${placed}, organization_id` }),
    discards: await partner.rows('discards', { columns: placed }),
    rejects: await partner.rows('rejects', { columns: 'sha256' }),
  };
  const history = await partner.rows('mapping_history');
  const organizationAt = readHistory(history);
  const { siteIdOf, wrong: unequal } = matchRows(
    [...partner.stack.simulator.truth(await partner.truthFilter())],
    stored,
  );
  const wrong = [
    ...unequal,
    ...stored.events.flatMap((row) => misplacedEvent(row, siteIdOf, organizationAt)),
    ...stored.discards.flatMap((row) => wrongDiscard(row, siteIdOf, organizationAt)),
    ...neverMapped(stored.events, history),
    ...(await wrongCounters(partner, stored)),
  ];
  const shown = 20;
  return wrong.length > shown ? [...wrong.slice(0, shown), `… and ${wrong.length - shown} more`] : wrong;
}

interface Stored {
  readonly events: readonly Row[];
  readonly discards: readonly Row[];
  readonly rejects: readonly Row[];
}

type SiteIdOf = (row: Row) => string | null;
type OrganizationAt = (version: number, siteId: string | null) => string | null;

const keyOf = (row: Row) => `${String(row['activity_id'])}/${String(row['occurred_at'])}`;

function matchRows(truth: readonly TruthRow[], stored: Stored): { siteIdOf: SiteIdOf; wrong: string[] } {
  const readable = new Map(
    truth.filter(({ id }) => id !== null).map((row) => [`${String(row.id)}/${row.createdAt}`, row]),
  );
  const seen = new Set<string>();
  const wrong: string[] = [];
  for (const [table, rows] of [
    ['events', stored.events],
    ['discards', stored.discards],
  ] as const) {
    for (const key of rows.map(keyOf)) {
      if (seen.has(key)) wrong.push(`${table}: ${key} is there twice`);
      if (!readable.has(key)) wrong.push(`${table}: ${key} is not the console's`);
      seen.add(key);
    }
  }
  for (const key of readable.keys()) if (!seen.has(key)) wrong.push(`${key} is missing`);
  const unreadable = truth.length - readable.size;
  if (stored.rejects.length !== unreadable) wrong.push(`${stored.rejects.length} rejects for ${unreadable} such rows`);
  return { siteIdOf: (row) => readable.get(keyOf(row))?.resolvedSiteId ?? null, wrong };
}

/**
 * The mapping of each version; a site that nobody changed keeps what it had. Null stands for the default organization.
 */
function readHistory(history: readonly Row[]): OrganizationAt {
  const changes = [...history].sort((a, b) => Number(a['version']) - Number(b['version']));
  return (version, siteId) => {
    const until = changes.filter((change) => Number(change['version']) <= version && change['site_id'] === siteId);
    const organizationId = until.at(-1)?.['organization_id'];
    return typeof organizationId === 'string' ? organizationId : null;
  };
}

function misplacedEvent(row: Row, siteIdOf: SiteIdOf, organizationAt: OrganizationAt): string[] {
  const siteId = siteIdOf(row);
  const wanted = organizationAt(Number(row['mapping_version']), siteId);
  if (wanted === row['organization_id']) return [];
  return [
    `${keyOf(row)} of site ${siteId ?? '-'} is stored for ${String(row['organization_id'])}, not ${wanted ?? '-'}`,
  ];
}

function wrongDiscard(row: Row, siteIdOf: SiteIdOf, organizationAt: OrganizationAt): string[] {
  const siteId = siteIdOf(row);
  const wrong: string[] = [];
  if (organizationAt(Number(row['mapping_version']), siteId) !== null) {
    wrong.push(`${keyOf(row)} was discarded, but its site ${siteId ?? '-'} was mapped`);
  }
  if (row['site_id'] !== siteId) wrong.push(`${keyOf(row)} is in the ledger of ${String(row['site_id'])}`);
  return wrong;
}

/** Said without any versions, too: an organization holds nothing of a site that was at no time mapped to it. */
function neverMapped(events: readonly Row[], history: readonly Row[]): string[] {
  const mapped = new Set(history.map((row) => `${String(row['site_id'])} → ${String(row['organization_id'])}`));
  const held = new Set(events.map((row) => `${String(row['site_id'])} → ${String(row['organization_id'])}`));
  return [...held].filter((pair) => !mapped.has(pair)).map((pair) => `events: ${pair} was never mapped`);
}

async function wrongCounters(partner: Partner, { events, discards, rejects }: Stored): Promise<string[]> {
  const connection = await partner.connection();
  const sites = await partner.rows('sites');
  const ofSite = (rows: readonly Row[], siteId: unknown) => rows.filter((row) => row['site_id'] === siteId).length;
  const compared: [string, unknown, number][] = [
    ['stored_count', connection['stored_count'], events.length],
    ['discarded_count', connection['discarded_count'], discards.length],
    ['rejected_count', connection['rejected_count'], rejects.length],
    ...sites.flatMap((site): [string, unknown, number][] => [
      [`stored_count of ${String(site['name'])}`, site['stored_count'], ofSite(events, site['site_id'])],
      [`discarded_count of ${String(site['name'])}`, site['discarded_count'], ofSite(discards, site['site_id'])],
    ]),
  ];
  return compared.flatMap(([name, told, counted]) =>
    told === counted ? [] : [`${name} says ${String(told)}, ${counted} were counted`],
  );
}
