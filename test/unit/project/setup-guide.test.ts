// docs/SETUP-SENTINELONE.md against the code: every help link finds its heading, and whatever a person can be told is
// explained.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { tokenRefusal } from '../../../src/api/connections/refusals.js';
import { anchorOf, guidePage } from '../../../src/api/help/guide-page.js';
import { PERMISSION_NAMES } from '../../../src/domain/connection/permissions.js';
import { creationError, isCreationFailure } from '../../../src/domain/failures/creation-errors.js';
import { type FailureCode, FAILURES } from '../../../src/domain/failures/failures.js';
import { REQUEST_PROBLEMS } from '../../../src/domain/failures/request-problems.js';
import { NOTICE_WORDS } from '../../../src/domain/notices/notice-words.js';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const guide = readFileSync(join(PROJECT, 'docs/SETUP-SENTINELONE.md'), 'utf8');
const text = guide.replaceAll(/\s+/g, ' ');
const anchors = [...guide.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#{1,4} (.+)$/gm)].map(([, title = '']) =>
  anchorOf(title),
);
const codes = Object.keys(FAILURES) as FailureCode[];

/** The rows of the table under a heading, without its head. */
function tableUnder(heading: string): string[][] {
  const section = guide.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const cells = section.split('\n').flatMap((line) => (line.startsWith('| ') ? [line.slice(2, -2).split(' | ')] : []));
  return cells.slice(1);
}
const namesIn = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe('help links', () => {
  const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(PROJECT, 'src', path), 'utf8'));
  const written = sources.flatMap((source) => [
    ...source.matchAll(/helpAnchor: '([^']+)'|helpUrl\('([^']+)'\)|\/help\/setup-sentinelone#([\w-]+)/g),
  ]);
  const linked = [...new Set(written.map(([, anchor, called, address]) => anchor ?? called ?? address ?? ''))].sort();

  test('of errors and notices are all found in the source', () => {
    const fromErrors = codes.filter(isCreationFailure).map((code) => creationError(code).helpAnchor);
    const fromNotices = Object.values(NOTICE_WORDS).map(({ helpAnchor }) => helpAnchor);
    const fromToken = String(tokenRefusal('s1.other_account').extra['helpUrl']).split('#').slice(1);
    expect(linked).toEqual(expect.arrayContaining([...fromErrors, ...fromNotices, ...fromToken]));
  });

  test.each(linked)('#%s is a heading', (anchor) => {
    expect(anchors).toContain(anchor);
    expect(guidePage(guide)).toMatch(new RegExp(`<h[1-4] id="${anchor}">`));
  });

  test('within the guide find their headings, of which no two are alike', () => {
    const inside = [...guide.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(inside.filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([]);
    expect(anchors).toEqual([...new Set(anchors)]);
  });
});

describe('words of the vendor', () => {
  test.each([
    'Unable to create SentinelOne data source: Syslog already setup',
    'Unable to create SentinelOne data source: Insufficient permissions',
    'event.provider == "Syslog-SentinelOne"',
    'Collection Method | `API`',
    '`Console Integrations` (View, Edit, Create)',
    '`Notification Settings` (View, Edit, Create)',
    '`Viewer`',
    '`Duplicate Role`',
    'Scope of Access',
    '`Create User`',
    '`License Count`',
    'Default Organization',
    'Any data received from SentinelOne for a site that is not mapped is discarded',
  ])('%s', (words) => expect(text).toContain(words));
});

describe('is explained', () => {
  test.each(codes.filter(isCreationFailure))('the refusal for %s, word for word', (code) => {
    const expiresAt = '2026-07-01T00:00:00.000000Z';
    const sentence = creationError(code, expiresAt).message.replace('2026-07-01', '<date>');
    const row = tableUnder('Errors at creation').find(([error]) => error === `\`${sentence}\``);
    expect(row, sentence).toBeDefined();
    expect(namesIn(row?.[1])).toContain(code);
    expect(row?.[2]).toMatch(/\w/);
  });

  test('how a new token is refused', () => {
    expect(text).toContain(tokenRefusal('s1.other_account').message.replace(/: .*/, ': <reason>'));
  });

  test.each<[string, string, readonly string[]]>([
    ['failure code', 'Every code', codes],
    ['reason for a pause', 'Pauses', ['token', 'permission', 'scope', 'person']],
    ['notice', 'Notices', Object.keys(NOTICE_WORDS)],
    ['state of a comparison', 'Completeness', ['waiting', 'equal', 'repaired', 'short', 'surplus']],
    ['permission', 'Permissions', PERMISSION_NAMES],
  ])('every %s: what it means and what to do', (_, heading, names) => {
    const table = tableUnder(heading);
    const explained = table.filter((cells) => cells.length === 3 && cells.every((cell) => /\w/.test(cell)));
    expect(explained).toEqual(table);
    const listed = table.flatMap(([first]) => namesIn(first));
    // A refused request can have other codes too; what exists nowhere is a leftover.
    expect(listed.filter((name) => !Object.hasOwn(REQUEST_PROBLEMS, name)).sort()).toEqual([...names].sort());
  });
});
