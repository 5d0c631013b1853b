// DATA_DIR/stack.json: what scripts need to know about a running stack. Holds a superuser's password, so it is its
// owner's alone; replaced in one step, so that a reader never sees half of it.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './replace-file.js';

export interface StackFile {
  readonly apiUrl: string;
  /** The api's, for Prometheus. */
  readonly metricsUrl: string;
  /** The superuser's. */
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** Null when Temporal runs elsewhere. */
  readonly temporalUiUrl: string | null;
  /** Null when there is no simulator. */
  readonly simulatorUrl: string | null;
  /**
   * Those generated, for whoever hands over a token; null when the environment says them, which then is asked to again.
   */
  readonly encryptionKeys: string | null;
  /** By the part's name. */
  readonly pids: Readonly<Record<string, number>>;
}

const pathIn = (dataDir: string): string => join(dataDir, 'stack.json');

export const writeStackFile = (dataDir: string, stack: StackFile): Promise<void> =>
  replaceFile(pathIn(dataDir), `${JSON.stringify(stack, null, 2)}\n`);

/** A stack that has stopped has no addresses. */
export const removeStackFile = (dataDir: string): Promise<void> => rm(pathIn(dataDir), { force: true });
