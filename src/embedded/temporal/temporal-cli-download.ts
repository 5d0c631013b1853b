// The Temporal CLI from its makers' own download, the last resort: it publishes no hash to pin, so TLS alone vouches
// for it.
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { TEMPORAL_CLI_VERSION } from './temporal-cli-wheel.js';

const DOWNLOAD_TIMEOUT_MS = 300_000;
/** Their names for Node's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface DownloadOptions {
  /** An empty folder to work in. */
  readonly dir: string;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the path of the program. */
export async function downloadCli({ dir, signal }: DownloadOptions): Promise<string> {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`there is none for ${process.arch}`);
  const url = new URL(`https://temporal.download/cli/archive/v${TEMPORAL_CLI_VERSION}`);
  url.search = new URLSearchParams({ platform: process.platform, arch: architecture }).toString();
  const archive = join(dir, 'temporal.tar.gz');
  await download(url, archive, signal);
  await promisify(execFile)('tar', ['-xzf', archive, '-C', dir, 'temporal']);
  return join(dir, 'temporal');
}

async function download(url: URL, target: string, signal: AbortSignal | undefined): Promise<void> {
  const timeout = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout }).catch(explain);
  if (!response.ok || response.body === null) throw new Error(`it answers ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(target));
}

/** fetch says only that it failed; why is in the cause. */
function explain(error: unknown): never {
  const { cause } = error as { cause?: unknown };
  throw cause instanceof Error ? new Error(cause.message, { cause: error }) : error;
}
