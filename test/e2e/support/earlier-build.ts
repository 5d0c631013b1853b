// What a deployment replaces: a worker with the workflow code of an earlier version, and an api that starts connections
// with the input that version knew.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConnectionServices } from '../../../src/api/connections/connection-services.js';
import type { Intervals } from '../../../src/domain/connection/chores.js';
import { parseAllowedOrigins } from '../../../src/domain/connection/console-address.js';
import { type Part, startPart } from '../../../src/embedded/processes/part.js';
import type { Services } from '../../../src/embedded/services.js';
import { createTokenCipher, parseEncryptionKeys } from '../../../src/store/token-cipher.js';
import { type ConnectionCommands, createConnectionCommands } from '../../../src/temporal/connection-commands.js';
import { type E2eStack, waitUntil } from './e2e-stack.js';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const RETENTION_DAYS = 365;
/** It bundles first. */
const START_TIMEOUT_MS = 120_000;

/** Returns when it polls. `build` is a module of test/replay/builds. */
export async function startEarlierWorker(stack: E2eStack, build: string): Promise<Part> {
  const lines: string[] = [];
  const worker = await startPart({
    name: 'earlier worker',
    command: process.execPath,
    args: ['--import', 'tsx', join(PROJECT, 'test/e2e/support/earlier-worker.process.ts')],
    env: { ...stack.environment, WORKFLOWS: build },
    cwd: PROJECT,
    output: { onLine: (line) => void lines.push(line) },
  });
  let ended = false;
  void worker.exited.then(() => (ended = true));
  await waitUntil('the earlier worker', () => ended || lines.includes('earlier worker started'), START_TIMEOUT_MS);
  if (ended) throw new Error(`the earlier worker ended by itself:\n${lines.join('\n')}`);
  return worker;
}

/** The schema version of the build before this one, which is kept in test/replay/builds. */
export const EARLIER_VERSION = 2;

/** Services whose new connections begin with the input of that version. */
export function earlierApi(stack: E2eStack, intervals: Intervals): Services {
  const { services } = stack;
  const origins = parseAllowedOrigins(stack.allowedOrigins);
  if (!origins.ok) throw new Error(origins.problem);
  const earlier = createConnectionServices({
    database: services.owner,
    commands: withEarlierInput(createConnectionCommands(services.temporal)),
    cipher: createTokenCipher(parseEncryptionKeys(stack.encryptionKeys)),
    allowedOrigins: origins.origins,
    eventRetentionDays: RETENTION_DAYS,
    intervals,
  });
  return { ...services, ...earlier };
}

function withEarlierInput(commands: ConnectionCommands): ConnectionCommands {
  return {
    ...commands,
    create(input) {
      // Laid over what the present build says.
      const earlier = { ...input, schemaVersion: EARLIER_VERSION };
      return commands.create(earlier);
    },
  };
}
