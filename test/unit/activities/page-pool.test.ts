// A thread gives what reading in place gives, and a thread that ends takes nothing with it but the pages it had.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { type OpenPage, type PageReader, readInPlace } from '../../../activities/pages/open-page.js';
import { createPagePool, type PagePool } from '../../../activities/pages/page-pool.js';
import type { Preparation } from '../../../activities/pages/prepare-page.js';
import { MICROS_PER_HOUR, toMicros } from '../../../src/domain/instant.js';
import type { PreparedPage } from '../../../src/store/ingest/page.js';
import { WORKER_NODE_OPTIONS } from '../../../src/worker/node-options.js';

const withThreads = (threads: number): PagePool =>
  createPagePool({ threads, execArgv: ['--import', 'tsx'], inPlaceBytes: 0 });
const one = withThreads(1);
afterAll(() => one.close());

const disposable = (threads: PagePool) => ({ ...threads, [Symbol.asyncDispose]: () => threads.close() });

const AT = '2026-01-15T09:00:00.123456Z';
const PREPARATION: Preparation = {
  known: '',
  typeNames: new Map([[4003, 'Renamed']]),
  latestMicros: toMicros(AT) + MICROS_PER_HOUR,
  s1AccountId: '1000000000000000001',
};
const idOf = (n: number) => String(1_400_000_000_000_000_000n + BigInt(n));
const row = (n: number, fields: object = {}) =>
  JSON.stringify({ id: idOf(n), createdAt: AT, activityType: 4003, primaryDescription: `row ${n}`, ...fields });

/** In the threads' memory, as a reply's body is. */
function bytesOf(text: string, { memory } = one): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = memory.take(length).subarray(0, length);
  bytes.write(text);
  return bytes;
}

const aPage = (rows: readonly string[], nextCursor: string | null = null): Buffer =>
  bytesOf(`{"data":[${rows.join(',')}],"pagination":{"totalItems":0,"nextCursor":${JSON.stringify(nextCursor)}}}`);

async function outcome(reader: PageReader, bytes: Buffer, preparation = PREPARATION) {
  const { rowCount, nextCursor, keyCount, range, ...page } = await reader.open(bytes);
  const { activities, rejects, newestKnown } = await page.prepare(preparation);
  const read = activities.map(({ fields, text, ...facts }) => ({
    ...facts,
    fields: hex(fields),
    text: typeof text === 'string' ? text : hex(text),
  }));
  page.close();
  return { rowCount, nextCursor, keyCount, range, activities: read, rejects, newestKnown };
}

const hex = ({ bytes, from, to }: Exclude<PreparedPage['activities'][number]['text'], string>) =>
  Buffer.from(bytes.subarray(from, to)).toString('hex');

describe('a page on a thread is what it is in place', () => {
  test.each<[string, readonly string[], Partial<Preparation>]>([
    ['no rows', [], {}],
    ['one row', [row(1)], {}],
    ['rows of sites and of agents', [row(1, { siteId: '7', siteName: 'Älter' }), row(2, { agentId: '8' }), row(3)], {}],
    ['more columns than were expected', [row(1, { primaryDescription: 'x'.repeat(5000) }), row(2)], {}],
    ['a text that has to be cleaned, between others', [row(1), row(2, { a: '\0' }), row(3, { b: '\ud800' })], {}],
    ['only texts that have to be cleaned', [row(1, { a: '\0' })], {}],
    ['integers beyond 2^53', [`{"id":"${idOf(1)}","createdAt":"${AT}","data":{"scopeId":1400000000000000999}}`], {}],
    ['rejects', [row(1), '42', '{"id":"2"}', row(3, { createdAt: '1999-01-01T00:00:00Z' })], {}],
    ['some rows known', [row(1), row(2)], { known: `${idOf(1)} 2026-01-15 09:00:00.123456+00` }],
    ['all rows known', [row(1)], { known: `${idOf(1)} 2026-01-15 09:00:00.123456+00` }],
  ])('%s', async (_, rows, request) => {
    const all = { ...PREPARATION, ...request };
    const inPlace = await outcome(readInPlace, aPage(rows, 'next'), all);
    expect(inPlace.rowCount).toBe(rows.length);
    expect(await outcome(one, aPage(rows, 'next'), all)).toEqual(inPlace);
    const inMemoryOfItsOwn = Buffer.from(aPage(rows, 'next'));
    expect(await outcome(one, inMemoryOfItsOwn, all)).toEqual(inPlace);
  });
});

test.each([
  ['no JSON', '<html>'],
  ['no list', '{"data":{}}'],
])('bytes that are %s are refused with what was wrong', async (_, text) => {
  await expect(one.open(bytesOf(text))).rejects.toMatchObject({
    name: 'SentinelOneError',
    code: 's1.bad_response',
    endpoint: 'activities',
    status: 200,
  });
});

test('a row that is no JSON refuses its page, and the thread goes on', async () => {
  const page = await one.open(aPage(['{"id":"1","a":tru}']));
  await expect(page.prepare(PREPARATION)).rejects.toMatchObject({ code: 's1.bad_response' });
  expect((await outcome(one, aPage([row(1)]))).activities).toHaveLength(1);
});

test('a page that was closed is gone, and closing it again is harmless', async () => {
  const page = await one.open(aPage([row(1)]));
  page.close();
  page.close();
  await expect(page.prepare(PREPARATION)).rejects.toThrow('no such page is open');
});

test('the memory of a page is used again when it is closed, not before and not twice', async () => {
  await using threads = disposable(withThreads(1));
  const { memory } = threads;
  const large = () => bytesOf(JSON.stringify({ data: [], pagination: {}, padding: 'x'.repeat(1_000_000) }), threads);
  const bytes = large();
  const page = await threads.open(bytes);
  await page.prepare(PREPARATION);
  expect(memory.take(1_000_000).buffer).not.toBe(bytes.buffer);
  page.close();
  page.close();
  const next = [memory.take(1_000_000), memory.take(1_000_000)];
  expect(next.filter(({ buffer }) => buffer === bytes.buffer)).toHaveLength(1);
});

test('pages that are opened side by side are not mistaken for each other', async () => {
  await using threads = disposable(withThreads(2));
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  const pages = await Promise.all(numbers.map((n) => threads.open(aPage([row(n)]))));
  const prepared = await Promise.all(pages.toReversed().map((page: OpenPage) => page.prepare(PREPARATION)));
  expect(prepared.map(({ activities }) => activities[0]?.id)).toEqual(numbers.map(idOf).toReversed());
});

test('a page of a few rows needs no thread, a larger one does', async () => {
  await using threads = disposable(createPagePool({ threads: 1, execArgv: ['--import', 'tsx'] }));
  const [small, large] = [
    await threads.open(aPage([row(1)])),
    await threads.open(aPage([row(2, { a: 'x'.repeat(16_384) })])),
  ];
  await threads.close();
  expect((await small.prepare(PREPARATION)).activities).toMatchObject([{ id: idOf(1) }]);
  await expect(large.prepare(PREPARATION)).rejects.toThrow('the thread that reads pages ended');
  for (const page of [small, large]) page.close();
});

test('threads work in a process that was started with options of V8, which cannot be given to a thread', async () => {
  const program = fileURLToPath(new URL('./open-page.process.ts', import.meta.url));
  const options = [...WORKER_NODE_OPTIONS, '--max-old-space-size=512', '--import', 'tsx'];
  const { stdout } = await promisify(execFile)(process.execPath, [...options, program]);
  expect(stdout).toBe('2 rows\n');
});

test('a thread that ends fails its pages, and the next page has a new one', async () => {
  await using threads = disposable(withThreads(1));
  const page = await threads.open(aPage([row(1)]));
  await threads.close();
  await expect(page.prepare(PREPARATION)).rejects.toThrow('the thread that reads pages ended');
  page.close();
  expect((await outcome(threads, aPage([row(2)]))).activities).toMatchObject([{ id: idOf(2) }]);
});
