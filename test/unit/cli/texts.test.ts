import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ConnectionView } from '../../../src/api/connections/connection.dto.js';
import { COMMAND_NAMES, commandSpec, GLOBAL_OPTIONS } from '../../../src/cli/catalog.js';
import { EXIT_MEANINGS, faultOf, UsageError } from '../../../src/cli/exit-code.js';
import { createOutput } from '../../../src/cli/output.js';
import { accountsText } from '../../../src/cli/programs/account.program.js';
import { type ListedConnection, listText } from '../../../src/cli/programs/connection-list.program.js';
import { changesBetween, concerns } from '../../../src/cli/programs/follow-changes.js';
import { keyCounts, keysText } from '../../../src/cli/programs/key.program.js';
import { PROGRAMS } from '../../../src/cli/programs/programs.js';
import { billedText } from '../../../src/cli/programs/statement.program.js';
import { nextSteps, stateInWords } from '../../../src/cli/text/connection-words.js';
import { help } from '../../../src/cli/text/help.js';
import { table } from '../../../src/cli/text/table.js';
import { entryInWords } from '../../../src/cli/text/timeline-words.js';
import { duration, expiry, printable } from '../../../src/cli/text/words.js';
import { Problem } from '../../../src/domain/failures/problem.js';

const NOW = '2026-01-15T09:00:00.000000Z';
const ID = '0a1b2c3d-0000-4000-8000-000000000000';

const aConnection = (rest: Partial<ConnectionView> = {}): ConnectionView => ({
  id: ID,
  name: 'Northwind',
  consoleUrl: 'https://northwind.sentinelone.net',
  sentinelOneAccount: { id: '1', name: 'Northwind MSP' },
  state: 'active',
  pauseReasons: [],
  reason: 'remapSites',
  refusal: null,
  defaultOrganizationId: ID,
  pollIntervalSeconds: 30,
  mappingVersion: 1,
  collectFrom: NOW,
  watermark: NOW,
  collectedThrough: NOW,
  lagSeconds: 4,
  lastPollAt: NOW,
  nextTryAt: null,
  degradedSince: null,
  failureCode: null,
  token: { expiresAt: '2026-02-01T00:00:00.000000Z', lastFour: 'abcd' },
  counts: { stored: 5_124, discarded: 0, rejected: 0, sites: 3, mappedSites: 3 },
  createdAt: NOW,
  ...rest,
});
const listed = (rest: Partial<ConnectionView> = {}, accountId = 'one'): ListedConnection => ({
  ...aConnection(rest),
  accountId,
  accountName: accountId,
});

describe('docs/CLI.md', () => {
  const page = readFileSync(new URL('../../../docs/CLI.md', import.meta.url), 'utf8');

  test('has a heading for each command of the help, and for no other', () => {
    const headings = [...page.matchAll(/^### `([a-z]+ [a-z]+)/gm)].map(([, name]) => name);
    expect(headings).toEqual(COMMAND_NAMES);
    for (const name of COMMAND_NAMES) expect(help('')).toContain(`  ${name} `);
  });

  test('names every option, and no other', () => {
    const options = COMMAND_NAMES.flatMap((name) => Object.keys(commandSpec(name).options));
    const known = new Set([...options, ...Object.keys(GLOBAL_OPTIONS)]);
    const named = new Set([...page.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, name]) => name));
    expect([...known].filter((name) => !named.has(name))).toEqual([]);
    expect([...named].filter((name) => !known.has(name ?? '') && name !== 'silent')).toEqual([]);
  });

  test('has the exit codes of the help', () => {
    for (const [code, meaning] of Object.entries(EXIT_MEANINGS)) {
      expect(page).toContain(`| ${code} | ${meaning} |`);
      expect(help('')).toContain(`  ${code}  ${meaning}`);
    }
  });
});

test('package.json names the compiled entry, which says what runs it', () => {
  const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
  expect(bin).toEqual({ 'sentinelone-log-source': 'dist/src/main.cli.js' });
  expect(read('src/main.cli.ts')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test('every command does something', () => {
  expect(Object.keys(PROGRAMS)).toEqual(COMMAND_NAMES);
});

test('help fits 120 columns and shows every option of the command', () => {
  for (const topic of ['', 'connection', ...COMMAND_NAMES]) {
    expect(
      help(topic)
        .split('\n')
        .filter((line) => line.length > 120),
    ).toEqual([]);
  }
  for (const name of COMMAND_NAMES) {
    for (const option of Object.keys(commandSpec(name).options)) expect(help(name)).toContain(`--${option}`);
  }
});

describe('a table', () => {
  const columns = [{ title: 'ID' }, { title: 'NAME', cutTo: 5 }, { title: 'COUNT', align: 'right' as const }];

  test('fits by cutting what may be cut', () => {
    const rows = [
      ['1', 'a name that is long', '5'],
      ['22', 'short', '1,000'],
    ];
    expect(table(columns, rows, 40)).toBe(
      ['ID  NAME                 COUNT', '1   a name that is long      5', '22  short                1,000'].join('\n'),
    );
    expect(table(columns, rows, 20)).toBe(
      ['ID  NAME       COUNT', '1   a name t…      5', '22  short      1,000'].join('\n'),
    );
    expect(table(columns, rows, 5).split('\n')[1]).toBe('1   a na…      5');
  });

  test('lets no name move the cursor', () => {
    expect(table(columns, [['1', 'a\u001b[2Jb\nc', '1']], 80).split('\n')[1]).toBe('1   a?[2Jb?c      1');
    expect(printable('a\u202eb\u0007')).toBe('a?b?');
  });
});

describe('the list', () => {
  const text = (items: readonly ListedConnection[], width = 80) =>
    listText({ accounts: [{ id: 'one', name: 'One' }], items, now: NOW, width });

  test('fits 80 columns with everything wrong', () => {
    const items = [
      listed({ name: 'A connection with a very long name', state: 'paused', pauseReasons: ['token'] }),
      listed({ failureCode: 's1.unavailable', lagSeconds: 7_500, degradedSince: NOW }),
    ];
    const lines = text(items).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines[2]).toMatch(/^0a1b2c3d {2}A conn.*… {2}paused \(token\) +4 s {2}2026-02-01 \(16 d\) {2}-$/);
    expect(lines[3]).toMatch(/active +2 h {2}2026-02-01 \(16 d\) {2}s1\.unavailable$/);
    expect(text(items)).toContain('0a1b2c3d  the token is rejected: connection token 0a1b2c3d --token-file FILE');
  });

  test('says what to do when there is nothing', () => {
    expect(listText({ accounts: [], items: [], now: NOW, width: 80 })).toContain('account create --name NAME');
    expect(text([])).toContain('POST /v1/connections');
    expect(accountsText([], 80)).toContain('account create --name NAME');
    expect(billedText('2026-01', [], 80)).toContain('2026-01');
  });
});

test('statements are added up', () => {
  const billed = (billedSources: number, state: 'open' | 'frozen') => ({
    accountId: ID,
    accountName: 'One',
    month: '2026-01',
    state,
    revision: state === 'open' ? null : 2,
    ...({ basis: 'closing', timeZone: 'UTC', organizations: 2, billedSources, unmappedSources: 3 } as const),
  });
  const text = billedText('2026-01', [billed(1_000, 'frozen'), billed(1, 'open')], 80);
  expect(text).toContain('frozen, revision 2');
  expect(text).toContain('2026-01: 1,001 sources billed, 6 unmapped and not billed.');
});

test.each([
  [0, '0 s'],
  [119.9, '119 s'],
  [120, '2 min'],
  [7_199, '119 min'],
  [7_200, '2 h'],
  [172_800, '2 d'],
])('%d seconds are %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test('a token that has expired is called so', () => {
  expect(expiry('2026-01-15T08:59:59Z', NOW)).toBe('2026-01-15 (expired)');
  expect(expiry('2026-01-15T10:00:00Z', NOW)).toBe('2026-01-15 (60 min)');
});

test('what waits for a person is named with its command', () => {
  expect(nextSteps(aConnection())).toEqual([]);
  expect(stateInWords({ state: 'awaiting_mapping', pauseReasons: [] })).toBe('awaiting mapping');
  const counts = { stored: 0, discarded: 0, rejected: 0, sites: 3, mappedSites: 1 };
  expect(nextSteps(aConnection({ counts }))).toEqual(['2 unmapped sites of 3, discarded: connection sites 0a1b2c3d']);
  const all = nextSteps(aConnection({ state: 'paused', pauseReasons: ['token', 'permission', 'person'] }));
  expect(all.map((step) => step.split(': ')[0])).toEqual([
    'the token is rejected',
    'permissions are missing',
    'somebody paused it',
  ]);
  const refusal = { code: 's1.syslog_in_use', message: 'Syslog already setup', whatToDo: 'Disable it.', helpUrl: null };
  expect(nextSteps(aConnection({ state: 'refused', refusal }))).toEqual(['Syslog already setup. Disable it.']);
});

describe('following', () => {
  const texts = (before: ConnectionView, now: ConnectionView) =>
    changesBetween(before, { connection: now, timeline: [] }).map(({ type, text }) => `${type}: ${text}`);

  test.each([
    [{ accountId: 'a', connections: ['c'] }, true],
    [{ accountId: 'a', counters: ['b', 'c'] }, true],
    [{ accountId: 'a', everything: true }, true],
    [{ accountId: 'a', connections: ['b'], notices: ['c'] }, false],
    [{ accountId: 'b', connections: ['c'], everything: true }, false],
  ])('hears what is about it: %j is %s', (changes, expected) => {
    expect(concerns(changes, { accountId: 'a', connectionId: 'c' })).toBe(expected);
  });

  test('begins with how it is, and says nothing when nothing changed', () => {
    expect(changesBetween(undefined, { connection: aConnection(), timeline: [] })).toMatchObject([
      { type: 'connection', text: 'Northwind is active; events 5,124, discarded 0, rejected 0; lag 4 s' },
    ]);
    expect(texts(aConnection(), aConnection({ lagSeconds: 9, watermark: null }))).toEqual([]);
  });

  test('tells what changed and by how much', () => {
    const counts = { stored: 5_130, discarded: 2, rejected: 0, sites: 4, mappedSites: 3 };
    expect(texts(aConnection(), aConnection({ counts }))).toEqual([
      'connection: 3 of 4 sites mapped, version 1',
      'counters: events 5,130, discarded 2, rejected 0 (+6, +2, +0); lag 4 s',
    ]);
    expect(texts(aConnection({ counts }), aConnection({ counts: { ...counts, discarded: 0 } }))).toEqual([
      'counters: events 5,130, discarded 0, rejected 0 (+0, -2, +0); lag 4 s',
    ]);
    const failing = { failureCode: 's1.unavailable', degradedSince: NOW, nextTryAt: '2026-01-15T09:05:00.000000Z' };
    expect(texts(aConnection(), aConnection(failing))).toEqual(['health: trouble: s1.unavailable, next try 09:05:00']);
    expect(texts(aConnection(failing), aConnection())).toEqual(['health: SentinelOne answers again']);
    const token = { expiresAt: null, lastFour: 'wxyz' };
    expect(texts(aConnection(), aConnection({ token, state: 'paused', pauseReasons: ['person'] }))).toEqual([
      'connection: Northwind is paused (person); token ends in wxyz, expires unknown',
    ]);
  });

  test.each([
    [
      { kind: 'state', outcome: 'paused', code: null, details: { pauseReasons: ['person'], cause: 'pause' } },
      'state paused (person), because of pause',
    ],
    [
      { kind: 'rotateToken', outcome: 'refused', code: 's1.token_rejected', details: {} },
      'rotateToken refused: s1.token_rejected',
    ],
  ])('puts the timeline into words', (entry, words) => {
    expect(entryInWords({ id: '1', at: NOW, ...entry })).toBe(words);
  });
});

describe('a fault', () => {
  test.each<[string, unknown, number, string]>([
    ['usage', new UsageError('x'), 2, 'usage'],
    ['not found', new Problem('not_found', 'x'), 3, 'not_found'],
    ['refused by SentinelOne', new Problem('s1.token_rejected', 'x'), 4, 's1.token_rejected'],
    ['refused by a rule', new Problem('mapping_conflict', 'x'), 4, 'mapping_conflict'],
    ['no worker', new Problem('worker_unavailable', 'x'), 5, 'worker_unavailable'],
    ['no Temporal', new Problem('temporal_unavailable', 'x'), 5, 'temporal_unavailable'],
    ['no SentinelOne', new Problem('s1.unavailable', 'x'), 5, 's1.unavailable'],
    ['no PostgreSQL', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 5, 'store.unavailable'],
    ['a wrong password', Object.assign(new Error('x'), { code: '28P01' }), 5, 'store.unavailable'],
    ['no schema', Object.assign(new Error('x'), { code: '42P01' }), 5, 'store.unavailable'],
    ['a bug', new TypeError('x'), 1, 'internal'],
  ])('%s has its code', (_, error, exit, code) => {
    expect(faultOf(error)).toMatchObject({ exit, code });
  });

  test('is told with what to do, or as one line of JSON; standard output stays empty', () => {
    const say = (isJson: boolean) => {
      const said = { out: '', error: '' };
      const streams = {
        out: (text: string) => void (said.out += text),
        error: (text: string) => void (said.error += text),
      };
      const extra = {
        whatToDo: 'Do that.',
        permissions: [{ name: 'Sites (View)', why: 'Lists sites.', status: 'missing' }],
        errors: [{ line: 3, message: 'wrong' }],
      };
      createOutput(streams, { isJson }).fault(faultOf(new Problem('s1.permission_missing', 'No.', { extra })));
      return said;
    };
    expect(say(false)).toEqual({
      out: '',
      error: 'error: No.\nDo that.\n  missing  Sites (View)  Lists sites.\n  line 3: wrong\n',
    });
    expect(say(true).out).toBe('');
    expect(say(true).error.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(say(true).error)).toMatchObject({ code: 's1.permission_missing', detail: 'No.', exitCode: 4 });
  });
});

test('keys are listed with who needs them, what is missing, and which may go', () => {
  const items = keyCounts(['new', 'old', 'older'], new Map([['new', 3], ['old', 1_200], ['lost', 2]])); // prettier-ignore
  expect(items.map(({ kid, use, tokens }) => [kid, use, tokens])).toEqual([
    ['new', 'encrypts', 3],
    ['old', 'decrypts', 1_200],
    ['older', 'decrypts', 0],
    ['lost', 'missing', 2],
  ]);
  const text = keysText(items, 80);
  expect(text).toContain('Put back lost, or replace the tokens that need it.');
  expect(text).toContain('No stored token needs older any more; a backup of the database may.');
  expect(keysText(keyCounts(['only'], new Map()), 80).split('\n')).toHaveLength(2);
});
