// Copies of everything that PostgreSQL and Temporal keep, taken while the two are stopped and put back later, as an
// operator restores a backup. Workers and the api's services live on meanwhile and afterwards.
import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { E2eStack } from './e2e-stack.js';

const run = promisify(execFile);

/** The name of a copy; `nothing` is an empty database. */
export interface Restored {
  /** Left as it is by default. */
  readonly postgres?: string;
  readonly temporal?: string;
}

export const NOTHING = 'nothing';

/** Both, of the same moment. */
export async function takeCopies(stack: E2eStack, name: string): Promise<void> {
  await Promise.all([stack.stopPostgres(), stack.killTemporal()]);
  await copy(await postgresIn(stack), copyOf(stack, 'postgres', name));
  await copy(temporalIn(stack), copyOf(stack, 'temporal', name));
  await Promise.all([stack.startPostgres(), stack.startTemporal()]);
}

/** `meanwhile` is done while both are stopped. */
export async function putBack(stack: E2eStack, { postgres, temporal }: Restored, meanwhile = () => {}): Promise<void> {
  await Promise.all([stack.stopPostgres(), stack.killTemporal()]);
  meanwhile();
  if (postgres !== undefined) await replace(await postgresIn(stack), copyOf(stack, 'postgres', postgres));
  if (temporal === NOTHING) await rm(temporalIn(stack), { recursive: true });
  else if (temporal !== undefined) await replace(temporalIn(stack), copyOf(stack, 'temporal', temporal));
  await Promise.all([stack.startPostgres(), stack.startTemporal()]);
}

const temporalIn = ({ dataDir }: E2eStack): string => join(dataDir, 'temporal');

/** Named for its major version. */
async function postgresIn({ dataDir }: E2eStack): Promise<string> {
  const folder = (await readdir(dataDir)).find((name) => /^postgresql-\d+$/.test(name));
  if (folder === undefined) throw new Error('PostgreSQL has no folder');
  return join(dataDir, folder);
}

const copyOf = ({ dataDir }: E2eStack, of: string, name: string): string => join(dataDir, `copy-${of}-${name}`);

async function replace(folder: string, by: string): Promise<void> {
  await rm(folder, { recursive: true });
  await copy(by, folder);
}

/** With owners and modes, which PostgreSQL insists on. */
const copy = (from: string, to: string) => run('cp', ['-a', from, to]);
