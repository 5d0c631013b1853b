// What is said of a query that is wrong.
import { describe, expect, test } from 'vitest';
import { analysis, run, wrong } from './support.js';

describe('problems', () => {
  test.each([
    ['FROM logs | WHERE (event.code == "1"', "line 1:37: mismatched input '<EOF>' expecting ')'"],
    ['FROM logs | WHERE event.code == #', "line 1:33: token recognition error at: '#'"],
    ['FROM logs | WHERE a == 1 == 2', "line 1:26: mismatched input '==' expecting {<EOF>, '|', 'and', 'or'}"],
    ['FROM logs\n| GROK message "%{IP:ip}"', 'line 2:3: GROK is not supported here'],
    ['SHOW INFO', 'line 1:1: SHOW is not supported here'],
    ['FROM logs | FORK (WHERE true)', 'line 1:13: FORK is not supported here'],
    ['FROM logs | LIMIT -1', 'line 1:20: Invalid value for LIMIT [-1], expecting a non negative integer'],
    ['FROM logs | WHERE x > 1 fortnight', "line 1:25: Unexpected temporal unit: 'fortnight'"],
  ])('syntax: %s', (query, message) => {
    expect(wrong(query).split('\n')[0]).toBe(message);
  });

  test.each([
    ['FROM logs | WHERE nothing == 1', '1:19: Unknown column [nothing]'],
    ['FROM logs | KEEP user.nmae', '1:18: Unknown column [user.nmae], did you mean [user.name]?'],
    ['FROM logs | WHERE event.cod == "1"', '1:19: Unknown column [event.cod], did you mean [event.code]?'],
    ['FROM logs | EVAL LENGHT(message)', '1:18: Unknown function [LENGHT], did you mean [length]?'],
    ['FROM lgos', '1:6: Unknown index [lgos], did you mean [logs]?'],
    ['FROM logs METADATA _foo', '1:20: unsupported metadata field [_foo]'],
    ['FROM logs | KEEP x*', '1:18: No matches found for pattern [x*]'],
    ['FROM logs | WHERE message', '1:19: Condition expression needs to be boolean, found [TEXT]'],
    [
      'row a = 1, b = 2, c = "xxx" | eval y = a + c',
      '1:40: second argument of [a + c] must be [date_nanos, datetime or numeric], found value [c] type [keyword]',
    ],
    [
      'FROM logs | WHERE event.code == 27',
      '1:19: first argument of [event.code == 27] is [keyword] so second argument must also be [keyword] but was [integer]',
    ],
    ['FROM logs | EVAL LENGTH(1)', '1:18: argument of [LENGTH(1)] must be [string], found value [1] type [integer]'],
    ['FROM logs | EVAL LENGTH()', '1:18: error building [length]: expects exactly one argument'],
    ['FROM logs | WHERE COUNT(*) > 1', '1:19: aggregate function [COUNT(*)] not allowed outside STATS command'],
    [
      'FROM logs | STATS MAX(MIN(event.severity))',
      '1:23: nested aggregations [MIN(event.severity)] not allowed inside other aggregations [MAX(MIN(event.severity))]',
    ],
    [
      'FROM logs | STATS event.severity + MAX(event.severity)',
      '1:19: column [event.severity] must appear in the STATS BY clause or be used in an aggregate function',
    ],
    ['FROM logs | STATS 1 + 1', '1:19: expected an aggregate function but found [1 + 1]'],
    [
      'FROM logs | EVAL x = BUCKET(@timestamp, 1 hour)',
      '1:22: cannot use grouping function [BUCKET(@timestamp, 1 hour)] outside of a STATS command',
    ],
    ['FROM logs | EVAL x = MATCH_PHRASE(message, "a")', '1:22: MATCH_PHRASE is not supported here'],
    ['FROM logs | EVAL x = event.code::version', '1:34: VERSION is not supported here'],
    [
      'FROM logs | WHERE user.name RLIKE "a&b"',
      '1:35: Invalid pattern for RLIKE [a&b]: the intersection (&) is not supported here',
    ],
    [
      'FROM logs | WHERE @timestamp > "soon"',
      '1:32: Cannot convert string [soon] to [DATETIME], error [failed to parse date field [soon] with format [strict_date_optional_time]]',
    ],
    [
      'FROM logs | EVAL x = 1 day',
      '1:22: EVAL does not support type [date_period] as the return data type of expression [1 day]',
    ],
    [
      'FROM logs | EVAL x = 1 | WHERE x : 1',
      '1:32: [:] operator cannot operate on [x], which is not a field from an index mapping',
    ],
    [
      'FROM logs | EVAL x = ?',
      '1:22: No parameter is defined for position 1, did you mean any position between 1 and 0?',
    ],
  ])('meaning: %s', (query, message) => {
    expect(wrong(query)).toBe(`Found 1 problem\nline ${message}`);
  });

  test('REPLACE refuses what has no linear time', () => {
    expect(wrong('ROW x = REPLACE("a", "(?=a)", "b")')).toContain('this regular expression is not supported here');
  });

  test('all problems are told, and one that follows from another is not', () => {
    expect(wrong('FROM logs | EVAL a = nope1 | WHERE a > 1 AND nope2 | SORT foo(1), a | KEEP nope3')).toBe(
      [
        'Found 4 problems',
        'line 1:22: Unknown column [nope1]',
        'line 1:46: Unknown column [nope2]',
        'line 1:59: Unknown function [foo]',
        'line 1:76: Unknown column [nope3]',
      ].join('\n'),
    );
  });

  test('each command that cannot be read has its problem', () => {
    const analysed = analysis('FROM logs | WHERE == | KEEP nope | LIMIT x | DISSECT y');
    expect(analysed.ok ? [] : analysed.problems.map(({ span }) => span.start)).toEqual([18, 41, 45]);
  });

  test('a column counts characters', () => {
    expect(wrong('ROW a = "😀" + nope')).toContain('line 1:15:');
  });
});

describe('reading', () => {
  test.each([
    ['ROW a = "x\\ty\\\\"', ['x\ty\\']],
    ['ROW a = """x\\t"y"""""', ['x\\t"y""']],
    ['ROW a = 1., b = .5, c = 1e-3', [1, 0.5, 0.001]],
    ['ROW `a b``c` = 1 // note\n| /* a /* nested */ one */ EVAL x = `a b``c` + 1', [1, 2]],
    ['row a = 2 | EVAL b = 1 + a * 3 - -1', [2, 8]],
    ['ROW a = NOT true OR true AND false', [false]],
    ['ROW a = 1 | EVAL b = a IN (1, 2) AND NOT a IS NULL', [1, true]],
  ])('%s', (query, expected) => {
    expect(run(query).rows).toEqual([expected]);
  });

  test('NOT binds looser than IS NULL', () => {
    expect(run('ROW a = 1 | WHERE not a is null').rows).toEqual([[1]]);
  });
});

describe('limits', () => {
  const deep = 100_000;

  test.each([
    ['parentheses', `ROW a = ${'('.repeat(deep)}1${')'.repeat(deep)}`],
    ['NOT', `ROW a = ${'NOT '.repeat(deep)}true`],
    ['signs', `ROW a = ${'- '.repeat(deep)}a`],
    ['calls', `ROW a = ${'ABS('.repeat(deep)}1${')'.repeat(deep)}`],
    ['sums', `ROW a = 1${' + 1'.repeat(deep)}`],
    ['casts', `ROW a = 1${'::int'.repeat(deep)}`],
  ])('%s that are nested too deep are a problem', (_, query) => {
    expect(wrong(query)).toMatch(/ESQL statement exceeded the maximum expression depth allowed \(400\)/);
  });

  test('a long AND, OR or IN is not deep', () => {
    expect(run(`ROW a = true${' AND true'.repeat(deep)}`).rows).toEqual([[true]]);
    expect(run(`ROW a = 5 | WHERE a IN (0${', 5'.repeat(3 * deep)})`).rows).toEqual([[5]]);
  });

  test('many commands, many columns, and a long text are a problem', () => {
    expect(wrong(`FROM logs${' | LIMIT 1'.repeat(1000)}`)).toContain('a query has at most 250 commands');
    expect(wrong(`ROW a = 1${Array.from({ length: 2000 }, (_, index) => `, c${index} = 1`).join('')}`)).toContain(
      'a command hands on at most 1000 columns',
    );
    expect(wrong(`ROW a = CONCAT(""${', ""'.repeat(deep)})`)).toContain('a call has at most 10000 arguments');
    expect(wrong(`ROW a = "a" RLIKE "${'a'.repeat(1001)}"`)).toContain('it has more than 1000 characters');
    expect(wrong('x'.repeat(1_000_001))).toContain('ESQL statement is too large [1000001 characters > 1000000]');
  });

  test.each([
    ['quotes', '"""'],
    ['raw strings', '"""a""" '],
    ['comments', '/* '],
    ['backticks', '`` '],
    ['unknown columns', 'a, '],
    ['unknown functions', 'f(1) AND '],
    ['pipes', '| '],
    ['dots', 'a.'],
    ['stars', '*'],
    ['lines', '\n"'],
  ])('a million characters of %s take seconds at most', (_, piece) => {
    const length = 1_000_000 - 30;
    const query = `FROM logs | ${piece === '*' ? 'KEEP' : 'EVAL'} ${piece.repeat(Math.floor(length / piece.length))}`;
    const started = performance.now();
    expect(analysis(query).ok).toBe(piece === '*');
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
