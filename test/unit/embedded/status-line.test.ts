import { expect, test } from 'vitest';
import { statusLine, type Totals } from '../../../src/embedded/status-line.js';

const NOTHING: Totals = { stored: 0, discarded: 0, rejected: 0, connections: [] };
const AT = new Date('2026-01-15T10:42:05Z');

test.each<[string, Totals, Totals, string]>([
  ['nothing yet', NOTHING, NOTHING, '10:42:05  events 0 (+0)   discarded 0   connections: none'],
  [
    'what was gained since the line before',
    { ...NOTHING, stored: 5_124, discarded: 811, connections: ['1 active', '2 paused'] },
    { ...NOTHING, stored: 5_112 },
    '10:42:05  events 5,124 (+12)   discarded 811   connections: 1 active, 2 paused',
  ],
  [
    'rejects only when there are any',
    { ...NOTHING, rejected: 3 },
    NOTHING,
    '10:42:05  events 0 (+0)   discarded 0   rejected 3   connections: none',
  ],
])('%s', (_, now, before, line) => {
  expect(statusLine(now, before, AT)).toBe(line);
});
