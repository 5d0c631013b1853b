// How `npm start` is signed in to: what BOOTSTRAP_* say, and generated where they say nothing. What was generated is
// shown at each start, because nobody else knows it; what was set is not.
import { type Bootstrap, bootstrap } from '../api/auth/bootstrap.js';
import { Secret } from '../domain/secret.js';
import { openDatabase } from '../store/database.js';
import type { GeneratedSecrets } from './generated-secrets.js';

const EMAIL = 'admin@example.com';

export interface FirstSignInSettings {
  readonly BOOTSTRAP_ACCOUNT: string;
  readonly BOOTSTRAP_ADMIN_EMAIL?: string | undefined;
  readonly BOOTSTRAP_ADMIN_PASSWORD?: Secret | undefined;
  readonly BOOTSTRAP_API_KEY?: Bootstrap['apiKey'];
}

export interface FirstSignIn {
  readonly email: string;
  readonly shownPassword: string;
  readonly shownApiKey: string;
  readonly wanted: Bootstrap;
}

export function chooseFirstSignIn(settings: FirstSignInSettings, generated: GeneratedSecrets): FirstSignIn {
  const { BOOTSTRAP_ADMIN_EMAIL: email = EMAIL, BOOTSTRAP_ADMIN_PASSWORD: password } = settings;
  const [key = '', secret = ''] = generated.apiKey.split(':');
  const { BOOTSTRAP_API_KEY: apiKey } = settings;
  return {
    email,
    shownPassword: password === undefined ? generated.adminPassword : '(BOOTSTRAP_ADMIN_PASSWORD)',
    shownApiKey: apiKey === undefined ? generated.apiKey : '(BOOTSTRAP_API_KEY)',
    wanted: {
      account: settings.BOOTSTRAP_ACCOUNT,
      admin: { email, password: password ?? new Secret(generated.adminPassword) },
      apiKey: apiKey ?? { key, secret: new Secret(secret) },
    },
  };
}

export async function makeFirstSignIn(
  databaseUrl: string,
  { wanted }: FirstSignIn,
  announce: (line: string) => void,
): Promise<{ readonly accountId: string }> {
  const owner = openDatabase({ url: databaseUrl, maxConnections: 1, applicationName: 'sentinelone-start' });
  try {
    const { accountId, admin, apiKey } = await bootstrap(owner, wanted);
    if (admin === 'made') announce(`account: ${wanted.account}, made with its first admin`);
    if (admin === 'elsewhere')
      announce(`sign-in: ${wanted.admin?.email} belongs to another account and was left there`);
    if (admin === 'removed') announce(`sign-in: ${wanted.admin?.email} was removed from the account and stays out`);
    if (apiKey === 'elsewhere')
      announce(`API key: ${wanted.apiKey?.key} belongs to another account and was left there`);
    return { accountId };
  } finally {
    await owner.close();
  }
}
