import { expect, test } from 'vitest';
import { EMPTY, type Site, withChange } from '../../../web/src/mapping/draft.js';
import { importMapping, mappingCsv, parseCsv } from '../../../web/src/mapping/mapping-csv.js';

const site = (siteId: string, siteName: string): Site => ({
  siteId,
  siteName,
  state: 'active',
  licenseCount: 1,
  organizationId: null,
  organizationName: null,
  suggestedOrganizationId: null,
  suggestion: null,
  discarded: { count: 0, first: null, last: null },
});
const SITES = [site('1', 'Alder, "the" dentist'), site('2', '=cmd()'), site('3', "O'Hara")];
const ALDER = { id: 'o-1', name: 'Alder\nDental' };
const FORMULA = { id: 'o-2', name: '@home' };

test('what is exported is read back as it was, formulas and line breaks too', () => {
  const [one, two] = SITES as [Site, Site, Site];
  const draft = withChange(withChange(EMPTY, one, ALDER), two, FORMULA);
  const csv = mappingCsv(SITES, draft);
  expect(csv).not.toMatch(/(^|,)[=@]/m);
  const back = importMapping(csv, { sites: SITES, organizations: [ALDER, FORMULA], draft: EMPTY });
  expect(back.problems).toEqual([]);
  expect([...back.draft]).toEqual([...draft]);
});

test('what cannot be taken over is named by its line, and the rest is', () => {
  const csv = 'site_id,site_name,organization\n1,x,o-1\n9,x,o-1\n2,x,Nobody\n3,x,\n';
  const { draft, problems } = importMapping(csv, { sites: SITES, organizations: [ALDER], draft: EMPTY });
  expect([...draft.keys()]).toEqual(['1']);
  expect(problems).toEqual(['Line 3: there is no site 9', 'Line 4: there is no organization “Nobody”']);
});

test.each([
  ['a,b\r\nc,d', [['a', 'b'], ['c', 'd']]],
  ['\uFEFFa,"b,""c"""\n', [['a', 'b,"c"']]],
  ['"two\nlines",x', [['two\nlines', 'x']]],
  ['\n\na\n', [['a']]],
  ['"not closed', [['not closed']]],
  ['', []],
])('%j is read', (text, rows) => {
  expect(parseCsv(text)).toEqual(rows);
}); // prettier-ignore
