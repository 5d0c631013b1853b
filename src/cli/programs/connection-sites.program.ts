import type { SiteMappingView } from '../../api/connections/site.dto.js';
import { mappingCsv } from '../mapping/mapping-export.js';
import type { KnownOrganization } from '../mapping/mapping-plan.js';
import { type Column, table } from '../text/table.js';
import { count, shortId } from '../text/words.js';
import { findConnection, type FoundConnection } from './find.js';
import { type Context, flag, type Program } from './program.js';

export const connectionSites: Program = async (context) => {
  const { given, tools, output } = context;
  const found = await findConnection(context);
  const mapping = await tools.connectionQueries.sites(found.scope, found.connectionId);
  const organizations = await readOrganizations(context, found);
  output.result(mapping, () =>
    flag(given, 'export')
      ? mappingCsv(mapping.items, organizations)
      : sitesText({ id: found.connectionId, mapping, organizations, width: output.width }),
  );
};

const PAGE = 200;

/** All of the account's. */
export async function readOrganizations({ tools }: Context, { scope }: FoundConnection): Promise<KnownOrganization[]> {
  const organizations: KnownOrganization[] = [];
  let pageToken: string | null | undefined;
  do {
    const page = await tools.organizations.list(scope, { limit: PAGE, ...(pageToken == null ? {} : { pageToken }) });
    organizations.push(...page.items.map(({ id, name, externalKey }) => ({ id, name, externalKey })));
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
  return organizations;
}

const COLUMNS: readonly Column[] = [
  { title: 'SITE ID' },
  { title: 'NAME', cutTo: 10 },
  { title: 'STATE' },
  { title: 'LICENSES', align: 'right' },
  { title: 'DISCARDED', align: 'right' },
  { title: 'ORGANIZATION', cutTo: 12 },
];

export function sitesText(of: {
  readonly id: string;
  readonly mapping: SiteMappingView;
  readonly organizations: readonly KnownOrganization[];
  readonly width: number;
}): string {
  const { mapping, organizations, width } = of;
  const id = shortId(of.id);
  if (mapping.items.length === 0) return `SentinelOne has listed no site yet; connection sync ${id} asks it now.`;
  const nameOf = new Map(organizations.map(({ id, name }) => [id, name]));
  const nameOrId = (id: string) => nameOf.get(id) ?? id;
  const rows = mapping.items.map((site) => [
    site.siteId,
    site.siteName ?? '',
    site.state,
    site.licenseCount === null ? '-' : count(site.licenseCount),
    count(site.discarded.count),
    site.organizationId !== null
      ? nameOrId(site.organizationId)
      : `none${site.suggestedOrganizationId === null ? '' : `; suggested: ${nameOrId(site.suggestedOrganizationId)}`}`,
  ]);
  return [
    table(COLUMNS, rows, width),
    '',
    `Mapping version ${mapping.version}. To change it: connection sites ${id} --export > mapping.csv,`,
    `then connection remap ${id} --csv mapping.csv --dry-run`,
  ].join('\n');
}
