import { describe, expect, test } from 'vitest';
import { complete } from '../../../src/esql/editor/complete.js';
import { CATALOGUE } from './support.js';

/** `^` is the caret. */
function at(text: string) {
  const caret = text.indexOf('^');
  const { replace, items } = complete(text.replace('^', ''), caret, CATALOGUE);
  return { replaced: text.slice(replace.start, replace.end), labels: items.map(({ label }) => label) };
}

describe('completion', () => {
  test.each([
    ['^', 'FROM'],
    ['us^', 'user.name'],
    ['FROM ^', 'logs'],
    ['FROM logs ^', 'METADATA'],
    ['FROM logs METADATA ^', '_id'],
    ['FROM logs | ^', 'WHERE'],
    ['FROM logs | WH^', 'WHERE'],
    ['FROM logs | WHERE ev^', 'event.action'],
    ['FROM logs | WHERE event.c^', 'event.category'],
    ['FROM logs | WHERE event.code ^', '=='],
    ['FROM logs | WHERE event.code == "1" A^', 'AND'],
    ['FROM logs | EVAL x = LE^', 'LEAST'],
    ['FROM logs | STATS ^', '@timestamp'],
    ['FROM logs | STATS COUNT(*) ^', 'BY'],
    ['FROM logs | STATS cou^', 'COUNT'],
    ['FROM logs | SORT @timestamp D^', 'DESC'],
    ['FROM logs | EVAL x = event.code::i^', 'int'],
    ['FROM logs | EVAL fresh = 1 | KEEP f^ | LIMIT 1', 'fresh'],
  ])('%s offers %s', (text, expected) => {
    expect(at(text).labels).toContain(expected);
  });

  test('it knows the columns that the commands before hand on, and no others', () => {
    expect(at('FROM logs | KEEP user.name | SORT ^').labels).not.toContain('event.code');
    expect(at('FROM logs | EVAL x = 1 BY cou^').labels).not.toContain('COUNT');
  });

  test('what has been begun is replaced', () => {
    expect(at('FROM logs | WHERE user.na^ == "x"').replaced).toBe('user.na');
  });

  test('inside a string or comment there is nothing to offer', () => {
    expect(at('FROM logs | WHERE user.name == "u^').labels).toEqual([]);
    expect(at('FROM logs /* u^').labels).toEqual([]);
  });

  test('a name that is no identifier is written in backticks', () => {
    const catalogue = { ...CATALOGUE, fields: [{ name: 'odd-name.x', type: 'keyword' as const }] };
    expect(complete('odd', 3, catalogue).items.map(({ insert }) => insert)).toContain('`odd-name`.x');
  });
});
