// Names that other systems and people's scripts rely on.
import { expect, test } from 'vitest';
import {
  BACKFILL_QUEUE,
  backfillWorkflowId,
  CONNECTION_QUEUE,
  workflowId,
} from '../../../src/domain/temporal-names.js';

test('spells workflow ids and queues', () => {
  expect(workflowId('account', 'connection')).toBe('sentinelone/account/connection');
  expect(backfillWorkflowId('account', 'connection')).toBe('sentinelone/account/connection/backfill');
  expect([CONNECTION_QUEUE, BACKFILL_QUEUE]).toEqual(['sentinelone', 'sentinelone-backfill']);
});
