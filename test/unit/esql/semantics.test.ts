// The semantics of the language, a test for each subject.
import { describe, expect, test } from 'vitest';
import { found, run, value } from './support.js';

const MULTIVALUE = 'java.lang.IllegalArgumentException: single-value function encountered multi-value';

describe('null', () => {
  test.each([
    ['null == null', null],
    ['null + 1', null],
    ['1 IN (1, null)', true],
    ['2 IN (1, null)', null],
    ['null IN (1)', null],
    ['CONCAT("a", null)', null],
    ['COALESCE(null, "a", "b")', 'a'],
    ['null OR true', true],
    ['null AND false', false],
    ['null AND true', null],
    ['NOT null', null],
    ['null IS NULL', true],
  ])('%s is %s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  test('WHERE keeps only what is true', () => {
    expect(found('event.severity == 3')).toBe('1');
    expect(found('NOT event.severity == 3')).toBe('3');
    expect(found('event.severity == null')).toBe('');
    expect(found('not user.name is null')).toBe('12');
  });
});

describe('lists', () => {
  test('a comparison or function of a list is null, with a warning', () => {
    expect(run('ROW b = [1, 2] | EVAL b + 2')).toEqual({
      names: ['b', 'b + 2'],
      types: ['integer', 'integer'],
      rows: [[[1, 2], null]],
      warnings: [
        'Line 1:23: evaluation of [b + 2] failed, treating result as null. Only first 20 failures recorded.',
        `Line 1:23: ${MULTIVALUE}`,
      ],
    });
    expect(found('event.category == "iam"')).toBe('');
    expect(found('NOT event.category == "iam"')).toBe('2');
  });

  test('IN and CIDR_MATCH of a list are null; a match beside it counts', () => {
    expect(value('[1, 2] IN (1)')).toBe(null);
    expect(run('ROW eq = 1, multi = [1, 2] | WHERE eq IN (multi, eq)').rows).toHaveLength(1);
    expect(run('ROW a = TO_IP(["10.0.0.1", "10.0.0.2"]) | EVAL x = CIDR_MATCH(a, "10.0.0.0/8") | KEEP x').rows).toEqual(
      [[null]],
    );
  });

  test(': asks for any value', () => {
    expect(found('event.category : "iam"')).toBe('1');
    expect(found('NOT event.category : "iam"')).toBe('23');
    expect(found('message : "LOGGED out"')).toBe('1');
    expect(found('source.ip : "0:0::1"')).toBe('2');
  });

  test.each([
    ['MV_COUNT([1, 2, 2])', 3],
    ['MV_MIN([2, 1])', 1],
    ['MV_MAX(["a", "b"])', 'b'],
    ['MV_SUM([1, 2])', 3],
    ['MV_AVG([1, 2])', 1.5],
    ['MV_FIRST(["b", "a"])', 'b'],
    ['MV_LAST(["b", "a"])', 'a'],
    ['MV_DEDUPE([1, 1, 2])', [1, 2]],
    ['MV_CONCAT(["a", "b"], ", ")', 'a, b'],
    ['MV_SLICE([1, 2, 3, 4], 1, 2)', [2, 3]],
    ['MV_SLICE([1, 2, 3, 4], -2, -1)', [3, 4]],
    ['MV_SORT([2, 1, 3], "desc")', [3, 2, 1]],
    ['MV_CONTAINS([1, 2], [2])', true],
    ['MV_CONTAINS([1, 2], 3)', false],
    ['TO_STRING([1, 2])', ['1', '2']],
    ['TO_LOWER(["A", "B"])', ['a', 'b']],
  ])('%s is %j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test('MV_EXPAND makes a row of each value', () => {
    expect(run('FROM logs | MV_EXPAND event.category | KEEP event.category').rows).toEqual([
      ['iam'],
      ['authentication'],
      ['authentication'],
      [null],
    ]);
  });
});

describe('LIKE and RLIKE', () => {
  test.each([
    ['"bob" LIKE "b*"', true],
    ['"bob" LIKE "B*"', false],
    ['"bob" LIKE "b?b"', true],
    ['"b😀b" LIKE "b?b"', true],
    ['"bob" LIKE "bo"', false],
    ['"abcabd" LIKE "a?c*d"', true],
    [String.raw`"a*" LIKE "a\\*"`, true],
    [String.raw`"ab" LIKE "a\\*"`, false],
    ['"bob" LIKE ("x", "b*")', true],
    ['"bob" RLIKE "b.b"', true],
    ['"bob" RLIKE "b"', false],
    ['"10.1" RLIKE """[0-9]+\\.[0-9]{1,3}"""', true],
    ['"a+b" RLIKE """"a+"b"""', true],
    ['"x" NOT RLIKE "a|b"', true],
  ])('%s is %s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  test('NOT LIKE of a list with * finds nulls; other NOT LIKEs do not', () => {
    expect(found('user.name NOT LIKE ("*")')).toBe('3');
    expect(found('user.name NOT LIKE "*"')).toBe('');
    expect(found('user.name NOT LIKE "b*"')).toBe('2');
  });
});

describe('SORT and LIMIT', () => {
  const order = (keys: string) =>
    run(`FROM logs METADATA _id | SORT ${keys} | KEEP _id`)
      .rows.map(([id]) => String(id))
      .join('');

  test('ascending nulls come last, descending first, unless it is said', () => {
    expect(order('event.severity')).toBe('132');
    expect(order('event.severity DESC')).toBe('231');
    expect(order('event.severity NULLS FIRST')).toBe('213');
    expect(order('event.severity DESC NULLS LAST')).toBe('312');
  });

  test('a list sorts by its least value, descending by its greatest', () => {
    const rows = (key: string) =>
      run(`ROW a = ["1,9", "5"] | MV_EXPAND a | EVAL b = SPLIT(a, ",") | SORT ${key} | KEEP a`).rows;
    expect(rows('b')).toEqual([['1,9'], ['5']]);
    expect(rows('b DESC')).toEqual([['1,9'], ['5']]);
  });

  test('texts sort by the bytes of UTF-8, addresses by their 16 bytes', () => {
    expect(run('ROW a = ["😀", "\uffee", "b", "B"] | MV_EXPAND a | SORT a').rows.flat()).toEqual([
      'B',
      'b',
      '\uffee',
      '😀',
    ]);
    expect(run('ROW a = TO_IP(["fe80::", "127.0.0.1", "::1"]) | MV_EXPAND a | SORT a').rows.flat()).toEqual([
      '::1',
      '127.0.0.1',
      'fe80::',
    ]);
  });

  test('LIMIT takes the first rows, and there is none that nobody wrote', () => {
    expect(run('FROM logs | SORT @timestamp DESC | LIMIT 1 | KEEP event.severity').rows).toEqual([[5]]);
    expect(run('FROM logs | LIMIT 0').rows).toEqual([]);
  });
});

describe('KEEP, DROP and RENAME', () => {
  const keep = (patterns: string) => run(`ROW first = 1, last = 2, first_name = 3 | KEEP ${patterns}`).names;

  test('a name goes before a pattern, that before *, and of equals the last has the column', () => {
    expect(keep('*, first')).toEqual(['last', 'first_name', 'first']);
    expect(keep('first_name, first*')).toEqual(['first_name', 'first']);
    expect(keep('first*, *_name')).toEqual(['first', 'first_name']);
    expect(keep('f*t*, last, first')).toEqual(['first_name', 'last', 'first']);
  });

  test('DROP takes columns away, RENAME keeps their place', () => {
    expect(run('ROW a = 1, b = 2, c = 3 | DROP b').names).toEqual(['a', 'c']);
    expect(run('ROW a = 1, b = 2, c = 3 | RENAME a AS x, x AS c')).toMatchObject({ names: ['c', 'b'], rows: [[1, 2]] });
    expect(run('ROW a = 1 | RENAME b = a').names).toEqual(['b']);
  });
});

describe('names of columns', () => {
  test('a column without a name is called by its text', () => {
    expect(run('FROM logs | STATS COUNT(*), MAX( event.severity )').names).toEqual([
      'COUNT(*)',
      'MAX( event.severity )',
    ]);
    expect(run('ROW last_name = "ab" | EVAL LEFT(last_name, 1)')).toMatchObject({
      names: ['last_name', 'LEFT(last_name, 1)'],
      rows: [['ab', 'a']],
    });
  });

  test('a column that is made anew goes to the end', () => {
    expect(run('ROW a = 1, b = 2 | EVAL a = b + a, a = a * 10')).toMatchObject({ names: ['b', 'a'], rows: [[2, 30]] });
  });

  test('of equal names the last one wins, and a group beats an aggregate', () => {
    expect(run('ROW l = 1 | STATS h = MAX(l), h = MIN(l) BY l')).toMatchObject({
      names: ['h', 'l'],
      warnings: ["Line 1:19: Field 'h' shadowed by field at line 1:31"],
    });
    expect(run('ROW l = 1 | STATS l = COUNT(*) BY l')).toMatchObject({ names: ['l'], rows: [[1]] });
  });
});

describe('STATS', () => {
  test('without BY there is one row, even of nothing', () => {
    expect(run('FROM logs | WHERE false | STATS COUNT(*), MAX(event.severity)').rows).toEqual([[0, null]]);
    expect(run('FROM logs | WHERE false | STATS COUNT(*) BY event.code').rows).toEqual([]);
  });

  test('null is a group, a list is in the group of each value, and all its values count', () => {
    expect(run('FROM logs | STATS c = COUNT(event.category) BY event.category').rows).toEqual([
      [2, 'iam'],
      [3, 'authentication'],
      [0, null],
    ]);
  });

  test('aggregates have conditions, and stand in expressions', () => {
    expect(
      run(
        'FROM logs | STATS n = COUNT(*) WHERE event.code == "27", r = MAX(event.severity) - MIN(event.severity) + 0.5',
      ).rows,
    ).toEqual([[2, 2.5]]);
    expect(run('FROM logs | STATS COUNT(*) BY event.code | WHERE `COUNT(*)` > 1').rows).toEqual([[2, '27']]);
  });

  test.each([
    ['SUM(a)', 'long', 6],
    ['AVG(a)', 'double', 2],
    ['MIN(a)', 'integer', 1],
    ['MAX(a)', 'integer', 3],
    ['COUNT(a)', 'long', 3],
    ['COUNT_DISTINCT(a)', 'long', 3],
    ['MEDIAN(a)', 'double', 2],
    ['PERCENTILE(a, 75)', 'double', 2.5],
    ['VALUES(a)', 'integer', [3, 1, 2]],
    ['TOP(a, 2, "desc")', 'integer', [3, 2]],
    ['SUM(a / 2.0)', 'double', null],
  ])('%s is a %s: %j', (aggregate, type, expected) => {
    expect(run(`ROW a = [3, 1, 2] | STATS x = ${aggregate}`)).toMatchObject({ types: [type], rows: [[expected]] });
  });
});

describe('types', () => {
  test.each([
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['7 % 4', 3],
    ['7 / 2.0', 3.5],
    ['1 / 0', null],
    ['2147483647 + 1', null],
    ['2147483648 + 1', 2147483649],
    ['9223372036854775807 + 1', null],
    ['9007199254740993 + 0', '9007199254740993'],
    ['"1" :: int + 1', 2],
    ['TO_LONG("12.5")', 13],
    ['TO_DOUBLE(1) :: string', '1.0'],
    ['1e10 :: string', '1.0E10'],
    ['TO_BOOLEAN("TRUE")', true],
    ['"x" :: int', null],
    ['TO_IP("0:0::0001")', '::1'],
    ['TO_STRING(TO_DATETIME("2025-10-01"))', '2025-10-01T00:00:00.000Z'],
    ['1 == 1.0', true],
  ])('%s is %j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test('a literal string beside a date or an address is read as one', () => {
    expect(found('@timestamp >= "2025-10-01T01:30:00Z"')).toBe('23');
    expect(found('source.ip == "0::1"')).toBe('2');
    expect(found('source.ip IN ("10.0.0.5", "fe80::0")')).toBe('13');
  });

  test('spans of time move dates', () => {
    expect(value('"2024-01-31" + 1 month')).toBe('2024-02-29T00:00:00.000Z');
    expect(value('NOW() - 90minutes')).toBe('2025-10-01T22:30:00.000Z');
    expect(found('@timestamp > NOW() - 22 hours - 30 min - 1ms')).toBe('23');
  });
});

describe('BUCKET and DATE_TRUNC', () => {
  const buckets = (bucket: string) => run(`FROM logs | STATS COUNT(*) BY b = ${bucket} | KEEP b`).rows.flat();

  test('a span, or the finest one that makes at most so many buckets', () => {
    expect(buckets('BUCKET(@timestamp, 1 hour)')).toEqual(['2025-10-01T00:00:00.000Z', '2025-10-01T01:00:00.000Z']);
    expect(buckets('BUCKET(@timestamp, 24, "2025-10-01", "2025-10-02")')).toHaveLength(2);
    expect(buckets('BIN(@timestamp, 23, "2025-10-01", "2025-10-02")')).toEqual(['2025-10-01T00:00:00.000Z']);
    expect(buckets('BUCKET(@timestamp, 1 week)')).toEqual(['2025-09-29T00:00:00.000Z']);
    expect(buckets('BUCKET(@timestamp, 5, "2020-01-01", "2025-12-31")')).toEqual(['2025-01-01T00:00:00.000Z']);
  });

  test('the range neither filters nor fills gaps', () => {
    expect(buckets('BUCKET(@timestamp, 30, "2020-01-01", "2020-01-02")')).toHaveLength(2);
  });

  test('of numbers it gives doubles', () => {
    expect(run('ROW a = 7 | STATS COUNT(*) BY b = BUCKET(a, 5) | KEEP b')).toMatchObject({
      types: ['double'],
      rows: [[5]],
    });
    expect(run('ROW a = 47000 | STATS COUNT(*) BY b = BUCKET(a, 20, 25000, 75000) | KEEP b').rows).toEqual([[45000]]);
  });

  test.each([
    ['1 year', '2025-01-01'],
    ['1 quarter', '2025-07-01'],
    ['2 months', '2025-09-01'],
    ['1 week', '2025-08-25'],
    ['1 day', '2025-08-31'],
  ])('DATE_TRUNC(%s)', (span, expected) => {
    const date = span === '2 months' ? '2025-10-01' : '2025-08-31T23:59:59Z';
    expect(value(`DATE_TRUNC(${span}, "${date}")`)).toBe(`${expected}T00:00:00.000Z`);
  });
});

describe('functions', () => {
  test.each([
    ['CASE(false, 1, null, 2, 3)', 3],
    ['CASE(false, 1)', null],
    ['CASE(1 == 1, "a", "b")', 'a'],
    ['DATE_DIFF("day", "2025-10-01", "2025-10-03T23:00:00Z")', 2],
    ['DATE_DIFF("months", "2025-01-31", "2025-02-28")', 0],
    ['DATE_DIFF("hours", "2025-10-02", "2025-10-01")', -24],
    ['DATE_EXTRACT("day_of_week", "2025-10-05")', 7],
    ['DATE_FORMAT("yyyy-MM-dd HH:mm", "2025-10-01T05:07:00Z")', '2025-10-01 05:07'],
    ['REPLACE("a1b22", "[0-9]+", "<$0>")', 'a<1>b<22>'],
    ['SUBSTRING("héllo", 2, 3)', 'éll'],
    ['SUBSTRING("hello", -3)', 'llo'],
    ['SPLIT("a;b;c", ";")', ['a', 'b', 'c']],
    ['TRIM("  x ")', 'x'],
    ['LENGTH("a😀")', 2],
    ['STARTS_WITH("abc", "ab")', true],
    ['ENDS_WITH("abc", "ab")', false],
    ['TO_UPPER("abc")', 'ABC'],
    ['ROUND(-1.5)', -2],
    ['ROUND(1.256, 2)', 1.26],
    ['GREATEST(1, 3, 2)', 3],
    ['LEAST("b", "a")', 'a'],
    ['CIDR_MATCH("10.1.2.3", "192.168.0.0/16", "10.0.0.0/8")', true],
    ['CIDR_MATCH("2001:db8::1", "2001:db8::/32")', true],
    ['CIDR_MATCH("11.0.0.1", "10.0.0.0/8")', false],
  ])('%s is %j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });
});

describe('what needs no command', () => {
  const ids = (query: string) => run(`${query} | SORT @timestamp | KEEP event.code, user.name`).rows;

  test('a condition alone looks into the logs', () => {
    expect(run('event.code == "33" | KEEP user.name').rows).toEqual([['Alice']]);
  });

  test.each(['10.0.0.5', 'BOB', '"bob"', '"web-1"', '"10.0.0.5" AND NOT "alice"'])(
    '%s finds the event that names it',
    (query) => {
      expect(ids(query)).toEqual([['27', 'bob']]);
    },
  );

  test('a word with one colon asks a column', () => {
    expect(ids('event.code:"33"')).toEqual([['33', 'Alice']]);
    expect(ids('0:0::1')).toEqual([['33', 'Alice']]);
  });

  test('fields of open beginnings are there when they are named', () => {
    expect(run('data.flattened.reason == "expired" | KEEP user.name').rows).toEqual([['Alice']]);
    expect(run('FROM logs').names).toHaveLength(11);
  });

  test('parameters stand for values', () => {
    expect(run('ROW x = ?, y = ?2, z = ?1', [{ value: 'a' }, { value: 2 }]).rows).toEqual([['a', 2, 'a']]);
    expect(run('user.name == ?who | KEEP event.code', [{ name: 'who', value: 'bob' }]).rows).toEqual([['27']]);
  });
});
