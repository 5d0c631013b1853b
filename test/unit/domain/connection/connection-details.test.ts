// What an operator reads beside the workflow.
import { expect, test } from 'vitest';
import { newConnection } from '../../../../src/domain/connection/connection.js';
import { connectionDetails } from '../../../../src/domain/connection/connection-details.js';

test('shows a connection as Markdown', () => {
  const connection = {
    ...newConnection(),
    ...({ phase: 'active', pauses: ['person'], cause: 'pause', sites: { total: 5, mapped: 2 } } as const),
    lastOutcome: { of: 'poll', note: '2 stored', at: Date.parse('2026-01-15T09:00:00Z') },
  };
  expect(connectionDetails(connection)).toBe(`**paused** (person) since \`pause\`
- sites mapped: 2 of 5, mapping version 0
- token expires: unknown
- backfill queued: no
- last outcome: poll: 2 stored, 2026-01-15T09:00:00.000Z`);
});
