// What a mapping file would change. Pure: preview and change are the same plan.
import type { LineError, MappingLine } from './mapping-csv.js';

export interface KnownSite {
  readonly siteId: string;
  readonly siteName: string | null;
  readonly organizationId: string | null;
  readonly discarded: { readonly count: number };
}

export interface KnownOrganization {
  readonly id: string;
  readonly name: string;
  readonly externalKey: string | null;
}

export interface PlannedChange {
  readonly line: number;
  readonly siteId: string;
  readonly siteName: string | null;
  readonly from: KnownOrganization | null;
  readonly to: KnownOrganization | null;
  /** So far; what may be collected afterwards once the site is mapped. */
  readonly discarded: number;
}

export interface MappingPlan {
  readonly changes: readonly PlannedChange[];
  readonly unchanged: number;
  readonly errors: readonly LineError[];
}

export function planMapping(
  lines: readonly MappingLine[],
  known: { readonly sites: readonly KnownSite[]; readonly organizations: readonly KnownOrganization[] },
): MappingPlan {
  const sites = new Map(known.sites.map((site) => [site.siteId, site]));
  const organizations = indexOf(known.organizations);
  const changes: PlannedChange[] = [];
  const errors: LineError[] = [];
  for (const { line, siteId, organization } of lines) {
    const site = sites.get(siteId);
    const to = organization === '' ? null : find(organizations, organization);
    if (site === undefined) errors.push({ line, message: `siteId: the connection has no site ${siteId}` });
    else if (typeof to === 'string') errors.push({ line, message: to });
    else if ((to?.id ?? null) !== site.organizationId) changes.push(changeOf({ line, site, to, organizations }));
  }
  return { changes, unchanged: lines.length - changes.length - errors.length, errors };
}

interface OrganizationIndex {
  readonly byId: ReadonlyMap<string, KnownOrganization>;
  readonly byKey: ReadonlyMap<string, KnownOrganization>;
  readonly byName: ReadonlyMap<string, KnownOrganization>;
}

const indexOf = (organizations: readonly KnownOrganization[]): OrganizationIndex => ({
  byId: new Map(organizations.map((each) => [each.id, each])),
  byKey: new Map(
    organizations.flatMap((each) => (each.externalKey === null ? [] : [[each.externalKey, each] as const])),
  ),
  byName: new Map(organizations.map((each) => [each.name, each])),
});

/**
 * Or what is wrong. What means two organizations is never decided here: it would show one customer's data to another.
 */
function find({ byId, byKey, byName }: OrganizationIndex, typed: string): KnownOrganization | string {
  const found = [...new Set([byId.get(typed.toLowerCase()), byKey.get(typed), byName.get(typed)])].filter(
    (each) => each !== undefined,
  );
  const [first, second] = found;
  if (first === undefined) return `organization: none has the id, external key or exact name ${typed}`;
  if (second === undefined) return first;
  return `organization: ${typed} is the external key of ${first.name} and the name of another; give the id`;
}

function changeOf(of: {
  readonly line: number;
  readonly site: KnownSite;
  readonly to: KnownOrganization | null;
  readonly organizations: OrganizationIndex;
}): PlannedChange {
  const { siteId, siteName, organizationId, discarded } = of.site;
  const from = organizationId === null ? null : (of.organizations.byId.get(organizationId) ?? gone(organizationId));
  return { line: of.line, siteId, siteName, from, to: of.to, discarded: discarded.count };
}

/** An organization cannot be deleted while a site is mapped to it; should it have been, its id is shown. */
const gone = (id: string): KnownOrganization => ({ id, name: id, externalKey: null });
