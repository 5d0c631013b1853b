// A site's name suggests an organization when the two read the same but for how companies write themselves.
import { expect, test } from 'vitest';
import { normaliseName, suggestFrom } from '../../../../src/domain/organizations/suggest-organization.js';

test.each([
  ['Alder Dental Group', 'alder dental group'],
  ['ALDER  dental-group', 'alder dental group'],
  ['Acme, Inc.', 'acme'],
  ['Acme L.L.C.', 'acme'],
  ['Acme Pty Ltd', 'acme'],
  ['Acme Co., Ltd.', 'acme'],
  ['Müller Maschinenbau GmbH & Co. KG', 'muller maschinenbau'],
  ['Mu\u0308ller Maschinenbau', 'muller maschinenbau'],
  ['Évora Kaffeerösterei e.V.', 'evora kaffeerosterei'],
  ['Strauß AG', 'strauss'],
  ['Łódź Sp. z o.o.', 'lodz'],
  ['Cobalt & Sons', 'cobalt and sons'],
  ['Cobalt and Sons', 'cobalt and sons'],
  ['Cobalt+Sons', 'cobalt and sons'],
  ["O'Hara’s", 'oharas'],
  ['The Harbour Clinic', 'harbour clinic'],
  ['ＡＣＭＥ', 'acme'],
  ['王小明 有限公司', '王小明 有限公司'],
  ['Limited', 'limited'],
  ['The', 'the'],
  ['Company Co', 'company'],
  ['Inc. Magazine', 'inc magazine'],
  ['  —  ', ''],
  ['Site 12', 'site 12'],
])('%s reads %j', (name, normalised) => {
  expect(normaliseName(name)).toBe(normalised);
});

const suggest = suggestFrom([
  { id: 'alder', name: 'Alder Dental Group, LLC' },
  { id: 'twin-1', name: 'Twin Ltd' },
  { id: 'twin-2', name: 'TWIN Inc.' },
  { id: 'twin-3', name: 'Twin' },
  { id: 'nameless', name: '!!!' },
]);

test.each([
  ['Alder Dental Group', 'alder'],
  ['alder dental group gmbh', 'alder'],
  ['Alder Dental', null],
  ['Twin', null],
  ['???', null],
  ['', null],
  [null, null],
])('the site %s suggests %s', (siteName, organizationId) => {
  expect(suggest(siteName)).toBe(organizationId);
});
