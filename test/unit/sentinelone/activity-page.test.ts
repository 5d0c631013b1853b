import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLosslessJson } from '../../../src/domain/json/lossless-json.js';
import { parseActivityPage } from '../../../src/sentinelone/calls/activity-page.js';
import { SentinelOneError } from '../../../src/sentinelone/sentinelone-error.js';

const aPage = (rows: readonly string[], envelope = '"pagination":{"totalItems":0,"nextCursor":null}') =>
  `{"data":[${rows.join(',')}],${envelope}}`;

/** The page with each of its rows read, as collecting does with those that are not known yet. */
function pageOf(body: string) {
  const { rows, nextCursor } = parseActivityPage(Buffer.from(body));
  return { rows: rows.map((row) => row.read()), nextCursor };
}

const badResponse = expect.objectContaining({
  name: 'SentinelOneError',
  code: 's1.bad_response',
  endpoint: 'activities',
});

function refusalOf(body: string): unknown {
  try {
    return pageOf(body);
  } catch (error) {
    return error;
  }
}

describe('rows', () => {
  test.each([
    ['plain', '{"id":"1","createdAt":"2026-01-15T09:00:00.123456Z"}'],
    ['braces, brackets and commas in strings', '{"id":"1","a":"}{][,\\":","b":{"c":"]}"}}'],
    ['quotes and backslashes', '{"a":"\\"","b":"\\\\","c":"\\\\\\"}","d\\\\":"\\\\\\\\"}'],
    ['nested lists', '{"a":[[],[{"b":[1,2,{"c":[]}]}],{}],"d":{}}'],
    ['white space everywhere', '{ "a" :\n[ 1 ,\t{ } ] , "b" : "x" }'],
    ['Unicode and escapes', '{"a":"é→😀\\u00e9\\ud83d\\ude00\\ud800","ключ":"значение"}'],
    ['a data key inside', '{"data":[1,2],"pagination":{"nextCursor":"x"}}'],
    ['odd numbers', '{"a":-0,"b":1e-7,"c":1.50,"d":123456789012345}'],
    ['__proto__', '{"__proto__":{"x":1}}'],
    ['no object: a number', '42'],
    ['no object: a string', '"],}"'],
    ['no object: null', 'null'],
    ['no object: a list', '[{"a":1},[]]'],
    ['an empty object', '{}'],
  ])('keep their own text: %s', (_case, text) => {
    const { rows } = pageOf(aPage(['{"id":"0"}', text, '{"id":"9"}']));
    expect(rows.map((row) => row.text)).toEqual(['{"id":"0"}', text, '{"id":"9"}']);
    expect(rows[1]?.value).toEqual(JSON.parse(text));
  });

  test('keep the digits of integers beyond 2^53, and other rows are untouched', () => {
    const texts = [
      '{"id":"1","data":{"ruleId":1400000000000000999,"n":[-1400000000000000999, 5]}}',
      '{"id":"2","data":{"ruleId":7}}',
      '1400000000000000999',
    ];
    const { rows } = pageOf(aPage(texts));
    expect(rows.map((row) => row.text)).toEqual(texts);
    expect(rows.map((row) => row.value)).toEqual([
      { id: '1', data: { ruleId: '1400000000000000999', n: ['-1400000000000000999', 5] } },
      { id: '2', data: { ruleId: 7 } },
      '1400000000000000999',
    ]);
  });

  test('with a hundred thousand such integers take no longer than their length', () => {
    const numbers = Array.from({ length: 100_000 }, (_, n) => String(1_400_000_000_000_000_001n + 2n * BigInt(n)));
    const [row] = pageOf(aPage([`{"id":"1","data":{"n":[${numbers.join(',')}]}}`])).rows;
    expect(row?.value).toEqual({ id: '1', data: { n: numbers } });
  });

  test('may be none', () => {
    expect(pageOf(' {"data" : [ ] , "pagination" : { } } \r\n')).toEqual({ rows: [], nextCursor: null });
  });

  test('are found wherever data stands, with white space around them', () => {
    const body =
      '\n{ "pagination": {"nextCursor": "c", "data": [0]} , "errors": [], "data": [ {"id":"1"} ,\n {"id":"2"}\t] }\n';
    const page = pageOf(body);
    expect(page.rows.map((row) => row.text)).toEqual(['{"id":"1"}', '{"id":"2"}']);
    expect(page.nextCursor).toBe('c');
  });

  test('any JSON at all comes back letter for letter', () => {
    const anyText = fc.oneof(
      fc.json({ stringUnit: 'binary', maxDepth: 4 }),
      fc.jsonValue({ stringUnit: 'grapheme' }).map((value) => JSON.stringify(value, null, 2)),
    );
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 8 }), (texts) => {
        const { rows } = pageOf(aPage(texts));
        expect(rows.map((row) => row.text)).toEqual(texts);
        expect(rows.map((row) => row.value)).toEqual(texts.map((text) => parseLosslessJson(text)));
      }),
    );
  });
});

describe('the key of a row, without parsing it', () => {
  const key = (text: string) => parseActivityPage(Buffer.from(aPage([text]))).rows[0]?.key;
  const AT = '2026-01-15T09:00:00.123456Z';
  test.each([
    ['in any order', `{"createdAt":"${AT}","x":{"a":[1]},"id":"7"}`, '7'],
    ['with white space', `{ "id" : "7" ,\n"createdAt"\t:\t"${AT}" }`, '7'],
    [
      'not that of something inside',
      `{"data":{"id":"8","createdAt":"x"},"id":"7","createdAt":"${AT}","a":[{"id":"9"}]}`,
      '7',
    ],
    ['the last one, as for JSON', `{"id":"6","createdAt":"${AT}","id":"7"}`, '7'],
    ['not a value that reads like a key', `{"a":"id","id":"7","b":"createdAt","createdAt":"${AT}"}`, '7'],
  ])('%s', (_case, text, id) => {
    expect(key(text)).toEqual({ id, createdAt: AT });
  });
  test.each([
    ['a number', `{"id":7,"createdAt":"${AT}"}`],
    ['a number after a text', `{"id":"7","createdAt":"${AT}","id":8}`],
    ['a value with escapes', `{"id":"\\u0037","createdAt":"${AT}"}`],
    ['a key with escapes, which is another spelling', `{"id":"7","createdAt":"${AT}","\\u0069d":"8"}`],
    ['a key with escapes inside', `{"id":"7","createdAt":"${AT}","i\\u0064":"8"}`],
    ['no time', '{"id":"7"}'],
    ['no object', '"id"'],
    ['a list', `["id","7","createdAt","${AT}"]`],
  ])('is left to whoever parses it: %s', (_case, text) => {
    expect(key(text)).toBeNull();
  });
  test('is never another than what the parsed row says', () => {
    const names = fc.constantFrom('id', 'createdAt', 'i', 'ident', 'data', 'created');
    const spelled = fc
      .tuple(names, fc.boolean())
      .map(([name, odd]) =>
        odd ? `"${name.replace(/^./, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)}"` : JSON.stringify(name),
      );
    const member = fc.tuple(spelled, fc.json({ maxDepth: 2, stringUnit: 'grapheme' })).map(([k, v]) => `${k} :${v}`);
    const object = fc.array(member, { maxLength: 8 }).map((members) => `{${members.join(' ,')}}`);
    fc.assert(
      fc.property(object, (text) => {
        const found = key(text);
        if (found !== null) expect(JSON.parse(text)).toMatchObject({ ...found });
      }),
      { numRuns: 3000 },
    );
  });
});

describe('bytes that can be stored as they came', () => {
  const plainOf = (text: string | Buffer) => {
    const body = Buffer.concat([
      Buffer.from('{"data":[{"id":"0"},'),
      Buffer.from(text),
      Buffer.from('],"pagination":{}}'),
    ]);
    return parseActivityPage(body).rows.map((row) => row.read())[1];
  };
  test.each([
    ['Unicode', '{"id":"é→😀"}'],
    ['escapes', String.raw`{"id":"C:\\x\n\u00e9"}`],
    ['white space', '{"id":\t"1"\r\n}'],
  ])('are the row itself: %s', (_case, text) => {
    const row = plainOf(text);
    const { bytes, from, to } = row?.plain ?? { bytes: Buffer.alloc(0), from: 0, to: 0 };
    expect(bytes.toString('utf8', from, to)).toBe(text);
    expect(row?.text).toBe(text);
  });
  test.each([
    ['U+0000', String.raw`{"id":"\u0000"}`],
    ['a lone surrogate', String.raw`{"id":"\ud800"}`],
    ['bytes that are no UTF-8', Buffer.from('{"id":"\xe9"}', 'latin1')],
  ])('are not those with %s', (_case, text) => {
    expect(plainOf(text)?.plain).toBeUndefined();
  });
});

describe('the cursor', () => {
  test.each([
    ['null', '{"nextCursor":null}', null],
    ['missing', '{"totalItems":3}', null],
    ['empty', '{"nextCursor":""}', null],
    ['the word null', '{"nextCursor":"null"}', null],
    ['opaque', '{"nextCursor":"YWdlbnRf+/=="}', 'YWdlbnRf+/=='],
    ['percent-encoded', '{"nextCursor":"YWdlbnRf%2B%3D%3D"}', 'YWdlbnRf+=='],
    ['with a percent sign of its own', '{"nextCursor":"a%20b"}', 'a%20b'],
    ['badly encoded', '{"nextCursor":"%3D%zz"}', '%3D%zz'],
    ['pagination null', 'null', null],
  ])('%s', (_case, pagination, nextCursor) => {
    expect(pageOf(aPage(['{}'], `"pagination":${pagination}`)).nextCursor).toBe(nextCursor);
  });
});

describe('a page is refused', () => {
  test.each([
    ['empty', ''],
    ['white space', '  '],
    ['HTML', '<html></html>'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a string', '"data"'],
    ['no data', '{"pagination":{"nextCursor":null}}'],
    ['data null', '{"data":null,"pagination":{}}'],
    ['data an object', '{"data":{"sites":[]},"pagination":{}}'],
    ['errors', aPage([], '"errors":[{"title":"Internal server error"}]')],
    ['errors in another shape', aPage([], '"errors":"boom"')],
    ['a cursor that is no string', aPage([], '"pagination":{"nextCursor":5}')],
    ['pagination that is no object', aPage([], '"pagination":[]')],
    ['two pages in one', aPage([]) + aPage([])],
    ['trailing comma', '{"data":[{},],"pagination":{}}'],
    ['data spelled with escapes', '{"d\\u0061ta":[{}],"pagination":{}}'],
    ['a raw control character', '{"data":[{"a":"\u0001"}],"pagination":{}}'],
  ])('with %s', (_case, body) => {
    expect(refusalOf(body)).toEqual(badResponse);
  });

  test('wherever it is cut', () => {
    const rows = [
      '{"id":"1","data":{"a":[1400000000000000999,{"b":"}]\\\\"}]}}',
      '{"id":"2","primaryDescription":"é→😀"}',
      '{}',
    ];
    const body = aPage(rows, '"pagination":{"totalItems":0,"nextCursor":"YWdlbnRf"}');
    fc.assert(
      fc.property(fc.nat({ max: body.length - 1 }), (length) => {
        expect(refusalOf(body.slice(0, length))).toEqual(badResponse);
      }),
      { numRuns: 1000 },
    );
  });

  test('without repeating what it said', () => {
    const error = refusalOf('{"data":[{"secret":"hunter2"');
    expect(error).toBeInstanceOf(SentinelOneError);
    expect(
      JSON.stringify({ ...(error as SentinelOneError), message: (error as SentinelOneError).message }),
    ).not.toContain('hunter2');
    expect((error as SentinelOneError).cause).toBeUndefined();
  });
});

test('of two data lists the last counts, as for any JSON reader', () => {
  expect(pageOf('{"data":[{"id":"1"}],"data":[{"id":"2"},3],"pagination":{}}').rows.map((row) => row.text)).toEqual([
    '{"id":"2"}',
    '3',
  ]);
});
