import { describe, expect, test } from 'vitest';
import type { FailureCode } from '../../../src/domain/failures/failures.js';
import { classify, type Reply } from '../../../src/sentinelone/http/classify.js';

const NGINX_HTML = '<html><head><title>429 Too Many Requests</title></head></html>';
const errorBody = (title: string, detail: string | null = null) =>
  JSON.stringify({ errors: [{ code: 1, title, detail }] });

const aReply = (fields: Partial<Reply>): Reply => ({
  status: 200,
  contentType: 'application/json',
  retryAfter: null,
  date: 'Thu, 15 Jan 2026 09:00:00 GMT',
  text: '{}',
  ...fields,
});
const judge = (fields: Partial<Reply>, cursor = false) => classify(aReply(fields), { cursor, nowMs: 0 });

describe('a status', () => {
  test.each<[number, FailureCode]>([
    [201, 's1.bad_response'],
    [204, 's1.bad_response'],
    [206, 's1.bad_response'],
    [301, 's1.bad_response'],
    [302, 's1.bad_response'],
    [307, 's1.bad_response'],
    [400, 's1.bad_request'],
    [403, 's1.permission_missing'],
    [404, 's1.bad_response'],
    [405, 's1.bad_request'],
    [408, 's1.unavailable'],
    [409, 's1.bad_request'],
    [413, 's1.bad_request'],
    [422, 's1.bad_request'],
    [429, 's1.rate_limited'],
    [500, 's1.unavailable'],
    [501, 's1.unavailable'],
    [502, 's1.unavailable'],
    [503, 's1.unavailable'],
    [504, 's1.unavailable'],
    [599, 's1.unavailable'],
  ])('%d means %s, whatever the body', (status, code) => {
    for (const text of ['', NGINX_HTML, '404 page not found', errorBody('Title'), '{"timestamp":1,"status":400}']) {
      expect(judge({ status, text })).toMatchObject({ kind: 'failed', code });
    }
  });

  test('401 is undecided', () => {
    expect(judge({ status: 401, text: errorBody('Authentication Failed') })).toEqual({
      kind: 'unauthorized',
      detail: 'Authentication Failed',
    });
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'text/plain', null])(
    '200 with %s is judged by its body',
    (contentType) => {
      expect(judge({ contentType })).toEqual({ kind: 'ok' });
    },
  );

  test('200 with a web page is a bad response', () => {
    expect(judge({ contentType: 'text/html; charset=UTF-8', text: '<html>' })).toMatchObject({
      code: 's1.bad_response',
    });
  });
});

describe('a 429', () => {
  test.each([
    ['20', 20_000],
    ['Thu, 15 Jan 2026 09:00:30 GMT', 30_000],
    [null, null],
  ])('with Retry-After %s', (retryAfter, retryAfterMs) => {
    expect(judge({ status: 429, contentType: 'text/html', text: NGINX_HTML, retryAfter })).toMatchObject({
      code: 's1.rate_limited',
      retryAfterMs,
    });
  });

  test('is the only status whose Retry-After counts', () => {
    expect(judge({ status: 503, retryAfter: '3600' })).toMatchObject({ code: 's1.unavailable', retryAfterMs: null });
  });
});

describe('a cursor', () => {
  test.each([
    [400, true, true],
    [404, true, true],
    [400, false, false],
    [404, false, false],
    [403, true, false],
    [429, true, false],
    [500, true, false],
  ])('%d with cursor %j: dead %j', (status, cursor, cursorRejected) => {
    expect(judge({ status }, cursor)).toMatchObject({ kind: 'failed', cursorRejected });
  });
});

describe('the detail', () => {
  test.each([
    [
      'detail before title',
      errorBody('Title', 'ids: Missing data for required field.'),
      'ids: Missing data for required field.',
    ],
    ['title without detail', errorBody('Title'), 'Title'],
    ['title with empty detail', errorBody('Title', ''), 'Title'],
    ['the first error of several', '{"errors":[{"title":"First"},{"title":"Second"}]}', 'First'],
    ['errors without words', '{"errors":[{"code":1}]}', 'The reply carries errors.'],
    ['no errors', '{"message":"secret things"}', ''],
    ['no JSON', '404 page not found', ''],
    ['a huge body', errorBody('x'.repeat(70_000)), ''],
  ])('is %s', (_case, text, detail) => {
    expect(judge({ status: 400, text })).toMatchObject({ detail });
  });
});
