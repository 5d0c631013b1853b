// Schemathesis, which makes requests up from the OpenAPI document and looks whether the answers are what it says. A
// Python program, installed at first use.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openPythonEnvironment } from './python-environment.js';

const VERSION = '4.32.5';
const CONFIG = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface FuzzOptions {
  /** Where the api listens; its document is read from there. */
  readonly url: string;
  /** An API key, `key:secret`. */
  readonly apiKey: string;
  /** For each route; a hundred take about ten minutes. */
  readonly maxExamples: number;
  readonly timeoutMs?: number;
}

export interface FuzzResult {
  readonly ok: boolean;
  readonly output: string;
}

export async function runSchemathesis({ url, apiKey, maxExamples, timeoutMs }: FuzzOptions): Promise<FuzzResult> {
  const environment = await openPythonEnvironment({ name: 'schemathesis', version: VERSION });
  if (environment.kind === 'missing') throw new Error(environment.why);
  const { home } = environment;
  const args = ['--config-file', CONFIG, 'run', new URL('openapi.json', `${url}/`).href, '--auth', apiKey];
  // Better Auth's, which an API key cannot call; they have tests of their own.
  args.push('--exclude-path-regex', '^/v1/auth/');
  args.push('--max-examples', String(maxExamples), '--workers', '2', '--no-color');
  // What it remembers between runs it writes where it is started.
  const options = {
    cwd: home,
    maxBuffer: MAX_OUTPUT_BYTES,
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  };
  try {
    const { stdout } = await promisify(execFile)(join(home, 'bin/schemathesis'), args, options);
    return { ok: true, output: stdout };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    return { ok: false, output: [stdout, stderr, message.split('\n')[0]].join('\n') };
  }
}
