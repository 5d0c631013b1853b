// What `npm start` makes up because nobody set it, kept in the data folder so that the next start uses the same: an
// encryption key above all, without which the tokens in the database could never be opened again.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './replace-file.js';

export interface MadeUp {
  /** In the form of ENCRYPTION_KEYS. */
  readonly encryptionKeys: string;
  /** The simulated console's history ends here, so that its rows are the same after a restart. ISO 8601. */
  readonly simulatorHistoryEndsAt: string;
  /** The API token that the simulated console accepts. */
  readonly simulatorToken: string;
  /** Signs session cookies. */
  readonly sessionSecret: string;
  /** Of the first admin. */
  readonly adminPassword: string;
  /** In the form of BOOTSTRAP_API_KEY. */
  readonly apiKey: string;
}

export async function keepMadeUp(dataDir: string): Promise<MadeUp> {
  const path = join(dataDir, 'made-up.json');
  const kept = await readIfThere(path);
  const madeUp: MadeUp = {
    encryptionKeys: `local:${randomBytes(32).toString('base64url')}`,
    simulatorHistoryEndsAt: new Date().toISOString(),
    simulatorToken: randomBytes(40).toString('base64url'),
    sessionSecret: randomBytes(32).toString('base64url'),
    adminPassword: randomBytes(12).toString('base64url'),
    apiKey: `local:${randomBytes(32).toString('base64url')}`,
    ...kept, // a later version may make up more
  };
  if (JSON.stringify(madeUp) !== JSON.stringify(kept)) await replaceFile(path, `${JSON.stringify(madeUp, null, 2)}\n`);
  return madeUp;
}

async function readIfThere(path: string): Promise<Partial<MadeUp> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Partial<MadeUp>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
