// One PostgreSQL for all test files of a run; each file makes a database of its own on it (see database.ts).
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { startPostgres } from '../../src/embedded/postgres/postgres.js';
import { chooseFreePorts } from '../../src/embedded/processes/free-port.js';
import { shareServer } from './shared-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's, to the database `postgres`. */
    databaseUrl: string;
  }
}

export default async function setUpPostgres(project: TestProject): Promise<() => Promise<void>> {
  const server = await shareServer('postgres', start);
  project.provide('databaseUrl', server.value);
  return server.release;
}

async function start() {
  const dataDir = await temporaryDataDir();
  const [preferredPort] = await chooseFreePorts(1); // several runs may go on side by side
  const postgres = await startPostgres({ dataDir, durable: false, ...(preferredPort && { preferredPort }) });
  const stop = async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { value: postgres.url, stop };
}
