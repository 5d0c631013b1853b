// A real OpenID provider on a port of this machine. Whoever types a name into its form is that person; the test says
// beforehand which address it knows them by and whether it has verified it.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import Provider, { type AccountClaims, type ClientMetadata } from 'oidc-provider';

export interface OpenIdPerson {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

export interface OpenIdProvider {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly people: Map<string, OpenIdPerson>;
  stop(): Promise<void>;
}

const CLIENT = { client_id: 'log-source', client_secret: 'a-client-secret-of-the-test-provider' };

export async function startOpenIdProvider(port: number, redirectUri: string): Promise<OpenIdProvider> {
  const people = new Map<string, OpenIdPerson>();
  const issuer = new URL(`http://127.0.0.1:${port}`);
  const client: ClientMetadata = { ...CLIENT, redirect_uris: [redirectUri] };
  const provider = new Provider(issuer.origin, {
    clients: [client],
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    cookies: { keys: ['for this test'] },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: async (): Promise<AccountClaims> => ({ sub, ...people.get(sub) }),
    }),
  });
  const server: Server = createServer((request, response) => void provider.callback()(request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    issuer,
    people,
    clientId: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** What a person does on the provider's pages: sign in, then agree. Null on a page that asks nothing. */
export const asPerson =
  (login: string) =>
  (html: string): Record<string, string> | null => {
    const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1];
    if (prompt === undefined) return null;
    return prompt === 'login' ? { prompt, login, password: 'any' } : { prompt };
  };
