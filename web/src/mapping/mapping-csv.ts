// The mapping as a list for a spreadsheet, and back. Pure. RFC 4180, and what a spreadsheet would run as a formula is
// quoted as text.
import { type Draft, type Organization, placeOf, type Site, withChange } from './draft.js';

const HEADER = ['site_id', 'site_name', 'organization'] as const;

export function mappingCsv(sites: readonly Site[], draft: Draft): string {
  const rows = sites.map((site) => [site.siteId, site.siteName ?? '', placeOf(draft, site)?.name ?? '']);
  return [HEADER, ...rows].map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';
}

/** A spreadsheet takes these at the beginning for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function field(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export interface ImportedMapping {
  readonly draft: Draft;
  /** What could not be taken over, by line of the file. */
  readonly problems: readonly string[];
}

/** An organization is named as it is called here, or by its id; an empty one maps the site to none. */
export function importMapping(
  text: string,
  of: { readonly sites: readonly Site[]; readonly organizations: readonly Organization[]; readonly draft: Draft },
): ImportedMapping {
  const sites = new Map(of.sites.map((site) => [site.siteId, site]));
  const known = new Map(of.organizations.flatMap((each) => [[each.name, each] as const, [each.id, each] as const]));
  let { draft } = of;
  const problems: string[] = [];
  for (const [index, row] of parseCsv(text).entries()) {
    const [siteId = '', , name = ''] = row.map((each) => each.replace(/^'(?=[=+\-@\t\r])/, ''));
    if (index === 0 && siteId === HEADER[0]) continue;
    const site = sites.get(siteId.trim());
    const organization = name.trim() === '' ? null : known.get(name.trim());
    if (site === undefined)
      problems.push(`Line ${index + 1}: there is no site ${siteId === '' ? 'without an id' : siteId}`);
    else if (organization === undefined) problems.push(`Line ${index + 1}: there is no organization “${name.trim()}”`);
    else draft = withChange(draft, site, organization);
  }
  return { draft, problems };
}

/** Rows of fields; a line that holds nothing is none. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let value = '';
  let quoted = false;
  const endRow = () => {
    row.push(value);
    if (row.some((each) => each !== '')) rows.push(row);
    row = [];
    value = '';
  };
  const content = text.replace(/^\uFEFF/, '');
  for (let at = 0; at < content.length; at += 1) {
    const character = content.charAt(at);
    if (quoted) {
      if (character !== '"') value += character;
      else if (content.charAt(at + 1) === '"') value += content.charAt((at += 1));
      else quoted = false;
    } else if (character === '"' && value === '') quoted = true;
    else if (character === ',') {
      row.push(value);
      value = '';
    } else if (character === '\n') endRow();
    else if (character !== '\r') value += character;
  }
  endRow();
  return rows;
}
