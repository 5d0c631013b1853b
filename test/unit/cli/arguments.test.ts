import { describe, expect, test } from 'vitest';
import { parse } from '../../../src/cli/arguments.js';
import { COMMAND_NAMES, commandSpec, optionsOf } from '../../../src/cli/catalog.js';
import { nearest } from '../../../src/cli/text/suggest.js';

const words = (line: string) => line.split(' ').filter((word) => word !== '');
const usageOf = (line: string) => {
  const parsed = parse(words(line));
  return parsed.kind === 'usage' ? parsed.message : parsed.kind;
};

describe('a command', () => {
  test.each([
    ['connection list', 'connection list', []],
    ['connections', 'connection list', []],
    ['list', 'connection list', []],
    ['--json list', 'connection list', []],
    ['show abcd', 'connection show', ['abcd']],
    ['accounts list', 'account list', []],
    ['keys', 'key list', []],
    ['account', 'account list', []],
    ['statements --month 2026-01', 'statement list', []],
    ['connection token abcd --token-file -', 'connection token', ['abcd']],
    ['repair abcd', 'connection repair', ['abcd']],
    ['repair --all', 'connection repair', []],
  ])('%s is %s', (line, name, operands) => {
    expect(parse(words(line))).toMatchObject({ kind: 'run', name, given: { operands } });
  });

  test('gets its options, in any order and with either sign', () => {
    expect(parse(words('remap --csv=m.csv abcd --if-version 3 --dry-run --json'))).toEqual({
      kind: 'run',
      name: 'connection remap',
      given: { operands: ['abcd'], options: { csv: 'm.csv', 'if-version': '3', 'dry-run': true, json: true } },
    });
  });

  test.each([
    ['', 'say what to do'],
    ['conection list', 'conection is no command; did you mean connection?'],
    ['lst', 'lst is no command; did you mean list?'],
    ['connection lst', 'connection has no lst; did you mean list?'],
    ['account remove', 'account has no remove; it has create, list'],
    ['list --jsn', 'connection list has no option --jsn; did you mean --json?'],
    ['list --month 2026-01', 'connection list has no option --month'],
    ['remap abcd', 'connection remap needs --csv FILE: the file, or - for standard input'],
    ['remap abcd --csv', '--csv needs FILE: the file, or - for standard input'],
    ['remap abcd --csv --dry-run', '--csv needs FILE: the file, or - for standard input'],
    ['remap --csv m.csv', 'connection remap needs ID'],
    ['list --json=yes', '--json takes no value'],
    ['statements --month 2026-13', '--month must be a month such as 2026-01'],
    ['remap abcd --csv m --if-version x', '--if-version must be a whole number'],
    ['list extra', 'connection list takes no arguments'],
    ['repair', 'connection repair needs ID or --all'],
    ['repair abcd --all', 'connection repair takes no arguments'],
    ['account create --name A --time-zone Mars/One', '--time-zone must be an IANA time zone such as Europe/Berlin'],
  ])('%s: %s', (line, message) => {
    expect(usageOf(line)).toBe(message);
  });

  test.each([
    'token abcd eyJhbGciOiJIUzI1NiJ9.secret',
    'token abcd --token eyJhbGciOiJIUzI1NiJ9.secret',
    'token abcd --token=eyJhbGciOiJIUzI1NiJ9.secret',
    'token abcd --eyJhbGciOiJIUzI1NiJ9.secret',
    'eyJhbGciOiJIUzI1NiJ9.secret',
    'connection eyJhbGciOiJIUzI1NiJ9.secret',
    'token abcd --timeout eyJhbGciOiJIUzI1NiJ9.secret',
    'token abcd --wait=eyJhbGciOiJIUzI1NiJ9.secret',
  ])('never repeats what may be a token: %s', (line) => {
    const parsed = parse(words(line));
    expect(parsed.kind).toBe('usage');
    expect(JSON.stringify(parsed)).not.toContain('eyJ');
  });

  test('says where a token belongs', () => {
    expect(usageOf('token abcd secret')).toContain('a token is read from --token-file, never from here');
    expect(usageOf('token abcd --token secret')).toContain('did you mean --token-file?');
  });
});

test.each([
  ['--help', ''],
  ['help', ''],
  ['-h', ''],
  ['help remap', 'connection remap'],
  ['connection remap abcd --help', 'connection remap'],
  ['statements --help', 'statement'],
  ['nonsense --help', ''],
])('%s shows the help of "%s"', (line, topic) => {
  expect(parse(words(line))).toEqual({ kind: 'help', topic });
});

test('an option takes a value in every command that has it, or in none', () => {
  const all = COMMAND_NAMES.flatMap((name) => Object.entries(optionsOf(name)));
  const takesValue = new Map(all.map(([name, { value }]) => [name, value !== undefined]));
  expect(all.filter(([name, { value }]) => takesValue.get(name) !== (value !== undefined))).toEqual([]);
});

test('no command takes a secret as an argument', () => {
  const names = COMMAND_NAMES.flatMap((name) => [...Object.keys(optionsOf(name)), ...commandSpec(name).operands]);
  expect(names.filter((name) => /token|secret|password|key/i.test(name))).toEqual(['token-file']);
});

test.each([
  ['lsit', 'list'],
  ['tokn', 'token'],
  ['tok', 'token'],
  ['zzz', null],
  ['x', null],
])('nearest to %s is %s', (typed, expected) => {
  expect(nearest(typed, ['list', 'show', 'token'])).toBe(expected);
});
