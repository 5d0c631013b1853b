// dlt and the Python that runs it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openPythonEnvironment } from '../../scripts/python-environment.js';

export const DLT_VERSION = '1.31.0';

export type DltEnvironment =
  | { readonly kind: 'ready'; readonly python: string; readonly pythonVersion: string }
  | { readonly kind: 'missing'; readonly why: string };

/** Installed at first use; without Python or a package index there is none. */
export async function openDltEnvironment(log: (line: string) => void): Promise<DltEnvironment> {
  log(`dlt ${DLT_VERSION}, installed at first use`);
  const environment = await openPythonEnvironment({ name: 'dlt', version: DLT_VERSION, extras: '[postgres]' });
  if (environment.kind === 'missing') return environment;
  const python = join(environment.home, 'bin/python');
  const { stdout } = await promisify(execFile)(python, ['-c', 'import platform; print(platform.python_version())']);
  return { kind: 'ready', python, pythonVersion: stdout.trim() };
}
