// The stack that `npm start` runs on this machine, found by the file that it leaves in its data folder, so that an
// operator's commands there need no environment. What the environment says comes first; where it names another database
// or another Temporal, this stack is not what is meant, and nothing of it is used.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from './exit-code.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Of stack.json, what is used here. */
interface StackFile {
  readonly databaseUrl?: string;
  readonly temporalAddress?: string;
  readonly temporalNamespace?: string;
  /** null: `npm start` was given its own, and does not tell. */
  readonly encryptionKeys?: string | null;
  readonly pids?: Readonly<Record<string, number>>;
}

export interface FoundEnvironment {
  readonly environment: Environment;
  readonly isFound: boolean;
}

/** The environment, with what it does not say of a running stack added. */
export async function withRunningStack(environment: Environment, defaultDataDir: string): Promise<FoundEnvironment> {
  const stated = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const stack = await findStack(resolve(stated['DATA_DIR'] ?? defaultDataDir));
  if (stack === undefined) return { environment, isFound: false };
  const found = {
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    TEMPORAL_NAMESPACE: stack.temporalNamespace,
    ENCRYPTION_KEYS: stack.encryptionKeys ?? undefined,
  };
  const isOther = (['DATABASE_URL', 'TEMPORAL_ADDRESS'] as const).some(
    (name) => stated[name] !== undefined && stated[name] !== found[name],
  );
  return isOther ? { environment, isFound: false } : { environment: { ...found, ...stated }, isFound: true };
}

async function findStack(dataDir: string): Promise<StackFile | undefined> {
  const path = join(dataDir, 'stack.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UsageError(`${path} cannot be read (${error.code}); it belongs to whoever ran npm start`);
  });
  const stack = text === undefined ? undefined : parse(text, path);
  // What was killed leaves its file behind, with addresses where somebody else may listen by now.
  return stack !== undefined && isAlive(stack.pids?.['start']) ? stack : undefined;
}

function parse(text: string, path: string): StackFile {
  try {
    return JSON.parse(text) as StackFile;
  } catch (error) {
    throw new UsageError(`${path} is no JSON`, { cause: error });
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
