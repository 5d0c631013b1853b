// One Temporal dev server, in memory, for all test files of a run. Continue-as-new is suggested early, so that a test
// can see it without thousands of events. Tests keep apart by workflow ids and task queues of their own.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { findTemporalCli } from '../../src/embedded/temporal/temporal-cli.js';
import { startTemporalServer } from '../../src/embedded/temporal/temporal-server.js';
import { shareServer } from './shared-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the dev server. */
    temporalAddress: string;
  }
}

const CACHE_DIR = fileURLToPath(new URL('../../.cache', import.meta.url));
const CONTINUE_AS_NEW_AFTER_EVENTS = 100;

export default async function setUpTemporal(project: TestProject): Promise<() => Promise<void>> {
  const server = await shareServer('temporal', start);
  project.provide('temporalAddress', server.value);
  return server.release;
}

async function start() {
  const cli = await findTemporalCli({
    cliPath: process.env['TEMPORAL_CLI_PATH'],
    env: process.env,
    cacheDir: CACHE_DIR,
  });
  const dataDir = await temporaryDataDir();
  const server = await startTemporalServer({
    cliPath: cli.path,
    dataDir,
    inMemory: true,
    anyPorts: true, // several runs may go on side by side
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': CONTINUE_AS_NEW_AFTER_EVENTS },
  });
  const stop = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { value: server.address, stop };
}
