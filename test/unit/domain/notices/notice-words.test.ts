// What a notice says, where it depends on more than its kind.
import { expect, test } from 'vitest';
import { NOTICE_WORDS, noticeWords } from '../../../../src/domain/notices/notice-words.js';

test.each([
  ['worker_away', /no worker is running/, /worker process/],
  ['workflow_gone', /workflow is not running/, /by itself/],
  ['console_silent', /SentinelOne does not answer/, /console is up/],
  ['poll_failing', /every attempt fails/, /the code named here/],
  ['unknown', /for a while; nothing is lost/, /whoever operates/],
])('of a connection that is behind, the cause %s', (cause, title, whatToDo) => {
  const words = noticeWords('collection_behind', { cause });
  expect(words.title).toMatch(title);
  expect(words.whatToDo).toMatch(whatToDo);
  expect(words.helpAnchor).toBe('collection-behind');
});

test.each([[{}], [{ cause: 7 }], [{ cause: 'toString' }], [{ cause: 'of a later build' }]])(
  'of a cause that this build does not know, as in %j, what holds of every cause',
  (details) => expect(noticeWords('collection_behind', details)).toEqual(NOTICE_WORDS.collection_behind),
);

test('of every other kind the details change nothing', () => {
  expect(noticeWords('degraded', { cause: 'worker_away' })).toBe(NOTICE_WORDS.degraded);
});
