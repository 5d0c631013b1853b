// A worker with an earlier build of the workflow code, as a process of its own so that it can be killed: the worker
// that a deployment replaces. Its activities are today's, which an earlier workflow calls by the same contract.
import { BACKFILL_QUEUE, CONNECTION_QUEUE } from '../../../src/domain/temporal-names.js';
import { startOwnWorker } from './own-worker.js';

const needed = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};

await startOwnWorker({
  databaseUrl: needed('DATABASE_URL'),
  temporalAddress: needed('TEMPORAL_ADDRESS'),
  encryptionKeys: needed('ENCRYPTION_KEYS'),
  allowedOrigins: needed('SENTINELONE_ALLOWED_ORIGINS'),
  workflowsPath: needed('WORKFLOWS'),
  queues: [CONNECTION_QUEUE, BACKFILL_QUEUE],
});
console.log('earlier worker started');
