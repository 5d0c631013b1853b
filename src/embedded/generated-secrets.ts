// What `npm start` generates because nobody set it, kept in the data folder so that the next start uses the same: an
// encryption key above all, without which the tokens in the database could never be opened again.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './replace-file.js';

const FILE = 'generated-secrets.json';
/** What earlier versions called it. */
const EARLIER_FILE = 'made-up.json';

export interface GeneratedSecrets {
  /** In the form of ENCRYPTION_KEYS. */
  readonly encryptionKeys: string;
  /** The simulated console's history ends here, so that its rows are the same after a restart. ISO 8601. */
  readonly simulatorHistoryEndsAt: string;
  /** The API token that the simulated console accepts. */
  readonly simulatorToken: string;
  /** `role:password` of the api at PostgreSQL: one for each data folder, because roles are the whole server's. */
  readonly apiLogin: string;
  /** Signs session cookies. */
  readonly sessionSecret: string;
  /** Of the first admin. */
  readonly adminPassword: string;
  /** In the form of BOOTSTRAP_API_KEY. */
  readonly apiKey: string;
}

/** Those of the data folder; what is missing is generated and written there. */
export async function keepGeneratedSecrets(dataDir: string): Promise<GeneratedSecrets> {
  const path = join(dataDir, FILE);
  const kept = await readIfThere(path);
  // An earlier version's file is left where it is: that version may be started on this folder again.
  const known = kept ?? (await readIfThere(join(dataDir, EARLIER_FILE)));
  const secrets: GeneratedSecrets = {
    encryptionKeys: `local:${randomBytes(32).toString('base64url')}`,
    simulatorHistoryEndsAt: new Date().toISOString(),
    simulatorToken: randomBytes(40).toString('base64url'),
    apiLogin: `sentinelone_api_${randomBytes(6).toString('hex')}:${randomBytes(32).toString('base64url')}`,
    sessionSecret: randomBytes(32).toString('base64url'),
    adminPassword: randomBytes(12).toString('base64url'),
    apiKey: `local:${randomBytes(32).toString('base64url')}`,
    ...known, // a later version may generate more
  };
  if (JSON.stringify(secrets) !== JSON.stringify(kept)) {
    await replaceFile(path, `${JSON.stringify(secrets, null, 2)}\n`);
  }
  return secrets;
}

async function readIfThere(path: string): Promise<Partial<GeneratedSecrets> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Partial<GeneratedSecrets>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
