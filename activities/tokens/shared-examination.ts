// What a new connection has to know of its token. Every request waits for its turn under the token's rate limit, so
// those who try the same token at the same moment (twenty people with one form, or one script) ask together: twenty
// turns would take longer than a verdict may.
import { createHash } from 'node:crypto';
import { createSingleFlight } from '../../src/single-flight.js';
import type { ConnectionSession } from '../attempt/connection-session.js';
import { type Examination, examine, findExpiry, findScope, type TokenScope, twice } from './examine-token.js';

type Asker = Pick<ConnectionSession, 'connection' | 'session' | 'token'>;

export interface TokenFacts extends Examination {
  readonly tokenExpiresAt: string | null;
}

export interface SharedExamination {
  /** Three requests: whether the token lives and whose it is. Throws `ScopeUnreadable` and what SentinelOne says. */
  identify(asker: Asker): Promise<TokenScope>;
  /** All the others. */
  learn(asker: Asker, scope: TokenScope): Promise<TokenFacts>;
}

export function createSharedExamination(): SharedExamination {
  const identified = createSingleFlight<TokenScope>();
  const learned = createSingleFlight<TokenFacts>();
  return {
    identify: (asker) =>
      identified(keyOf(asker), async () => {
        await twice(() => asker.session.getSystemInfo());
        return findScope(asker.session);
      }),
    learn: (asker, scope) =>
      learned(keyOf(asker), async () => {
        const tokenExpiresAt = await twice(() => findExpiry(asker.session));
        return { ...(await examine(asker.session, scope)), tokenExpiresAt };
      }),
  };
}

const keyOf = ({ connection, token }: Asker): string =>
  `${connection.consoleUrl} ${createHash('sha256').update(token.reveal()).digest('base64')}`;
