// A Python program in a virtual environment of its own under .cache, made at first use and kept for its version.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CACHE = fileURLToPath(new URL('../.cache/', import.meta.url));
const INSTALL_TIMEOUT_MS = 300_000;
/** Written when everything is installed, so a half-made environment is never taken for whole. */
const COMPLETE = 'complete';

export interface PythonPackage {
  readonly name: string;
  readonly version: string;
  readonly extras?: string;
}

export type PythonEnvironment =
  { readonly kind: 'ready'; readonly home: string } | { readonly kind: 'missing'; readonly why: string };

/** Programs lie in `bin` of `home`. Not having Python, or not reaching a package index, is told and not thrown. */
export async function openPythonEnvironment({ name, version, extras = '' }: PythonPackage): Promise<PythonEnvironment> {
  const home = join(CACHE, `${name}-${version}`);
  if (existsSync(join(home, COMPLETE))) return { kind: 'ready', home };
  await mkdir(CACHE, { recursive: true });
  await rm(home, { recursive: true, force: true });
  const noPython = await problemOf('python3', ['-m', 'venv', home]);
  if (noPython !== null) return { kind: 'missing', why: `python3 cannot make a virtual environment: ${noPython}` };
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${name}${extras}==${version}`];
  const noPackage = await problemOf(join(home, 'bin/python'), pip);
  if (noPackage !== null) return { kind: 'missing', why: `pip cannot install ${name} ${version}: ${noPackage}` };
  await writeFile(join(home, COMPLETE), '');
  return { kind: 'ready', home };
}

/** The last line that the program had to say, or why it could not run; null when it did its work. */
async function problemOf(program: string, args: readonly string[]): Promise<string | null> {
  try {
    await promisify(execFile)(program, args, { timeout: INSTALL_TIMEOUT_MS });
    return null;
  } catch (error) {
    const { stderr = '', stdout = '', message } = error as { stderr?: string; stdout?: string; message: string };
    return [stderr, stdout, message].map((text) => text.trim().split('\n').at(-1)).find(Boolean) ?? message;
  }
}
