// Names that other systems and people's scripts rely on.
import { expect, test } from 'vitest';
import {
  BACKFILL_QUEUE,
  backfillWorkflowId,
  COMMAND_QUEUE,
  CONNECTION_QUEUE,
  MAINTENANCE_QUEUE,
  workflowId,
} from '../../../src/domain/temporal-names.js';

test('spells workflow ids and queues', () => {
  expect(workflowId('account', 'connection')).toBe('sentinelone/account/connection');
  expect(backfillWorkflowId('account', 'connection')).toBe('sentinelone/account/connection/backfill');
  expect([CONNECTION_QUEUE, COMMAND_QUEUE, BACKFILL_QUEUE, MAINTENANCE_QUEUE]).toEqual([
    'sentinelone',
    'sentinelone-commands',
    'sentinelone-backfill',
    'sentinelone-maintenance',
  ]);
});
