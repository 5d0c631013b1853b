import { describe, expect, test } from 'vitest';
import { readMappingCsv } from '../../../src/cli/mapping/mapping-csv.js';
import { mappingCsv } from '../../../src/cli/mapping/mapping-export.js';
import { type KnownOrganization, type KnownSite, planMapping } from '../../../src/cli/mapping/mapping-plan.js';
import { remapText } from '../../../src/cli/programs/connection-remap.program.js';

const organization = (n: number, name: string, externalKey: string | null = null): KnownOrganization => ({
  id: `00000000-0000-4000-8000-00000000000${n}`,
  name,
  externalKey,
});
const ALDER = organization(1, 'Alder', 'A-1');
const BRIGHT = organization(2, 'Bright, "Ltd"', 'B-1');
const ODD = organization(3, '=cmd()');
const site = (siteId: string, of: KnownOrganization | null, siteName = `Site ${siteId}`, discarded = 0): KnownSite => ({
  siteId,
  siteName,
  organizationId: of?.id ?? null,
  discarded: { count: discarded },
});
const known = {
  sites: [site('1', ALDER), site('2', null, 'Two', 7), site('3', null)],
  organizations: [ALDER, BRIGHT, ODD],
};

describe('the file', () => {
  test.each([
    ['plain', 'siteId,organization\n1,Alder\n2,\n'],
    ['CRLF, BOM and blanks', '\uFEFFsiteId, organization\r\n1, Alder \r\n\r\n2,\r\n'],
    ['further columns', 'siteId,organization,siteName\n1,Alder,x\n2,,y\n'],
    ['quotes', '"siteId","organization"\n"1","Alder"\n"2",""\n'],
  ])('%s', (_, file) => {
    expect(readMappingCsv(file)).toMatchObject({
      lines: [
        { siteId: '1', organization: 'Alder' },
        { siteId: '2', organization: '' },
      ],
      errors: [],
    });
  });

  test.each([
    ['nothing', ''],
    ['another header', 'site,organization\n1,Alder\n'],
    ['no header', '1,Alder\n'],
  ])('%s is refused', (_, file) => {
    expect(() => readMappingCsv(file)).toThrow('line 1: the header must be siteId,organization');
  });

  test('a quotation mark that is missing is told without the text', () => {
    expect(() => readMappingCsv('siteId,organization\n1,"Alder\n2,x')).toThrow(/^line \d+: this is no CSV/);
  });

  test('each line that is wrong is told by its number', () => {
    const file = 'siteId,organization,note\n1,Alder,"a\nb"\n,Alder,\n1,Bright,\n4\n';
    expect(readMappingCsv(file).errors).toEqual([
      { line: 4, message: 'siteId: is empty' },
      { line: 5, message: 'siteId: line 2 has it already' },
      { line: 6, message: 'organization: is missing; to unmap the site end the line with a comma' },
    ]);
  });
});

describe('the plan', () => {
  const plan = (...lines: readonly (readonly [siteId: string, organization: string])[]) =>
    planMapping(
      lines.map(([siteId, name], index) => ({ line: index + 2, siteId, organization: name })),
      known,
    );

  test.each([
    ['id', ALDER.id],
    ['id in capitals', ALDER.id.toUpperCase()],
    ['external key', 'A-1'],
    ['exact name', 'Alder'],
  ])('finds an organization by %s', (_, typed) => {
    expect(plan(['2', typed]).changes).toEqual([
      { line: 2, siteId: '2', siteName: 'Two', from: null, to: ALDER, discarded: 7 },
    ]);
  });

  test('unmaps, leaves what is the same, and does not touch what is not named', () => {
    expect(plan(['1', ''], ['3', ''])).toMatchObject({
      changes: [{ siteId: '1', from: ALDER, to: null }],
      unchanged: 1,
      errors: [],
    });
  });

  test('tells what it does not know', () => {
    expect(plan(['9', 'Alder'], ['2', 'alder']).errors).toEqual([
      { line: 2, message: 'siteId: the connection has no site 9' },
      { line: 3, message: 'organization: none has the id, external key or exact name alder' },
    ]);
  });

  test('never chooses between two organizations', () => {
    const twin = organization(4, 'A-1');
    const { changes, errors } = planMapping([{ line: 2, siteId: '2', organization: 'A-1' }], {
      ...known,
      organizations: [...known.organizations, twin],
    });
    expect(changes).toEqual([]);
    expect(errors).toEqual([
      { line: 2, message: 'organization: A-1 is the external key of Alder and the name of another; give the id' },
    ]);
  });
});

test('what is exported is read back as no change, whatever names are like', () => {
  const sites = [site('1', ALDER, '=HYPERLINK("x")'), site('2', BRIGHT, 'a,b\n"c"'), site('3', ODD), site('4', null)];
  const file = mappingCsv(sites, known.organizations);
  expect(file).not.toMatch(/(^|,)"?[=+@-]/m);
  const { lines, errors } = readMappingCsv(file);
  expect(errors).toEqual([]);
  expect(planMapping(lines, { ...known, sites })).toEqual({ changes: [], unchanged: 4, errors: [] });
});

test('a preview says what would happen and how to do exactly that', () => {
  const text = remapText(
    {
      version: 4,
      newVersion: null,
      outcome: 'dry run',
      unchanged: 2,
      changes: [
        { line: 2, siteId: '1', siteName: 'One\u001b[31m', from: ALDER, to: null, discarded: 0 },
        { line: 3, siteId: '2', siteName: 'Two', from: null, to: BRIGHT, discarded: 1 },
      ],
    },
    { id: 'abcdef0123456789', collectDiscarded: false, width: 80 },
  );
  expect(text).toContain('Would change 2 sites of the mapping at version 4; nothing was changed');
  expect(text).toContain('What 1 unmapped site will send is discarded.');
  expect(text).toContain('1 activity discarded so far: stay so without --collect-discarded.');
  expect(text).toContain('connection remap abcdef01 --csv FILE --if-version 4');
  expect(text).not.toContain('\u001b');
});
