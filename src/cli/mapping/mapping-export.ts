// The mapping as the file that `connection remap` reads, with names beside it for whoever edits it. Pure.
import type { KnownOrganization, KnownSite } from './mapping-plan.js';

export function mappingCsv(sites: readonly KnownSite[], organizations: readonly KnownOrganization[]): string {
  const nameOf = new Map(organizations.map(({ id, name }) => [id, name]));
  const lines = sites.map(({ siteId, siteName, organizationId }) => [
    siteId,
    organizationId === null ? '' : nameOrId(organizationId, nameOf.get(organizationId)),
    siteName ?? '',
  ]);
  return [['siteId', 'organization', 'siteName'], ...lines].map((line) => line.map(cell).join(',')).join('\r\n');
}

/** A spreadsheet takes text that begins so for a formula, and names come from other people. */
const FORMULA = /^[=+\-@\t\r]/;

/** What could not be read back as it is goes by its id. */
const nameOrId = (id: string, name: string | undefined): string =>
  name === undefined || FORMULA.test(name) || name !== name.trim() ? id : name;

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
