// dlt in a virtual environment of its own under .cache, made at first use and kept for this version.
import { execFile } from 'node:child_process';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const DLT_VERSION = '1.31.0';

const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));
const INSTALL_TIMEOUT_MS = 300_000;

export type PythonEnvironment =
  | { readonly kind: 'ready'; readonly python: string; readonly pythonVersion: string }
  | { readonly kind: 'missing'; readonly why: string };

/** Not having Python, or not reaching a package index, is no fault of what is measured: it is told, not thrown. */
export async function openDltEnvironment(log: (line: string) => void): Promise<PythonEnvironment> {
  const home = join(CACHE, `dlt-${DLT_VERSION}`);
  const python = join(home, 'bin/python');
  if (!(await exists(home))) {
    log(`installing dlt ${DLT_VERSION}`);
    const problem = await install(home);
    if (problem !== null) return { kind: 'missing', why: problem };
  }
  const { stdout } = await run(python, ['-c', 'import platform; print(platform.python_version())']);
  return { kind: 'ready', python, pythonVersion: stdout.trim() };
}

/** What went wrong, or null. The folder gets its name when all is in it, so a half-made one is never taken for whole. */
async function install(home: string): Promise<string | null> {
  const making = `${home}.making`;
  await mkdir(CACHE, { recursive: true });
  await rm(making, { recursive: true, force: true });
  const noPython = await problemOf('python3', ['-m', 'venv', making]);
  if (noPython !== null) return `python3 cannot make a virtual environment: ${noPython}`;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `dlt[postgres]==${DLT_VERSION}`];
  const noPackage = await problemOf(join(making, 'bin/python'), pip);
  if (noPackage !== null) return `pip cannot install dlt ${DLT_VERSION}: ${noPackage}`;
  await rename(making, home);
  return null;
}

/** The last line that the program had to say, or why it could not run; null when it did its work. */
async function problemOf(program: string, args: readonly string[]): Promise<string | null> {
  try {
    await run(program, args);
    return null;
  } catch (error) {
    const { stderr = '', stdout = '', message } = error as { stderr?: string; stdout?: string; message: string };
    return [stderr, stdout, message].map((text) => text.trim().split('\n').at(-1)).find(Boolean) ?? message;
  }
}

const run = (program: string, args: readonly string[]) =>
  promisify(execFile)(program, args, { timeout: INSTALL_TIMEOUT_MS });

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
