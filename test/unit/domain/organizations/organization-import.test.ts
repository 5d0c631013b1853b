import { describe, expect, test } from 'vitest';
import { type ImportRow, planImport } from '../../../../src/domain/organizations/organization-import.js';

const KNOWN = [
  { id: '1', name: 'Alder', externalKey: 'A' },
  { id: '2', name: 'Birch', externalKey: 'B' },
  { id: '3', name: 'Cedar', externalKey: null },
];

const plan = (...rows: [name: string, externalKey: string | null][]) =>
  planImport(
    rows.map(([name, externalKey], index): ImportRow => ({ line: index + 2, name, externalKey })),
    KNOWN,
  );

describe('a row', () => {
  test.each([
    ['a name that is new', ['Elm', null], { action: 'create', organizationId: null }],
    ['a key that is new with a name that is new', ['Elm', 'E'], { action: 'create', organizationId: null }],
    ['a key with its name', ['Alder', 'A'], { action: 'unchanged', organizationId: '1' }],
    ['a key with another name', ['Alder AG', 'A'], { action: 'rename', organizationId: '1' }],
    ['a key with its name in other capitals', ['ALDER', 'A'], { action: 'rename', organizationId: '1' }],
    ['a name alone', ['alder', null], { action: 'unchanged', name: 'Alder', externalKey: 'A' }],
    ['a new key for a name without one', ['cedar', 'C'], { action: 'set_external_key', name: 'Cedar' }],
  ] as const)('with %s', (_, row, expected) => {
    expect(plan([...row])).toMatchObject({ items: [expected], errors: [] });
  });

  test.each([
    ['another key for a name that has one', [['Alder', 'Z']], 2],
    ['a name that another organization keeps', [['Birch', 'A']], 2],
    [
      'the same name twice',
      [
        ['Elm', null],
        ['ELM', 'E'],
      ],
      3,
    ],
    [
      'the same key twice',
      [
        ['Elm', 'E'],
        ['Fir', 'E'],
      ],
      3,
    ],
    [
      'the same organization by name and by key',
      [
        ['Alder', null],
        ['Alder AG', 'A'],
      ],
      3,
    ],
  ] as [string, [string, string | null][], number][])('with %s is wrong', (_, rows, line) => {
    expect(plan(...rows).errors).toMatchObject([{ line }]);
  });

  test('may take a name that another row gives up', () => {
    expect(plan(['Birch', 'A'], ['Alder', 'B'])).toMatchObject({
      items: [{ action: 'rename' }, { action: 'rename' }],
      errors: [],
    });
  });
});
