// The documents against the files: whatever they name of the project exists, and links within a document find their
// heading.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { anchorOf } from '../../../src/api/help/guide-page.js';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/ARCHITECTURE.md',
  'docs/CLI.md',
  'docs/OPERATIONS.md',
  'bench/README.md',
  'simulator/README.md',
];
const KINDS_OF_TEST = ['unit', 'store', 'api', 'activities', 'workflows', 'replay', 'e2e', 'torture'];

const exists = (path: string) => existsSync(join(PROJECT, path));

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(join(PROJECT, document), 'utf8');

  test('names only files and folders that exist', () => {
    const places = [
      ...text.matchAll(/`((?:src|workflows|activities|migrations|simulator|test|bench|scripts)\/[^`\s]*)`/g),
    ];
    const named = places.flatMap(([, path = '']) => (/[<*{…]/.test(path) ? [] : path));
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });

  test('links to what exists', () => {
    const anchors = [...text.matchAll(/^#{1,4} (.+)$/gm)].map(([, title = '']) => anchorOf(title));
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => (link.includes('://') ? [] : link));
    const broken = links.filter((link) =>
      link.startsWith('#') ? !anchors.includes(link.slice(1)) : !exists(join(dirname(document), link)),
    );
    expect(broken).toEqual([]);
  });
});

test('docs/GUARANTEES.md names only tests that exist', () => {
  const guarantees = readFileSync(join(PROJECT, 'docs/GUARANTEES.md'), 'utf8');
  const named = [...guarantees.matchAll(/`([a-z0-9]+)\/([a-z0-9./-]+)`/g)].flatMap(([, kind = '', name = '']) =>
    KINDS_OF_TEST.includes(kind) ? `test/${kind}/${name}` : [],
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !exists(path) && !exists(`${path}.test.ts`))).toEqual([]);
});
