// A new token handed over by signal: it is stored, encrypted, and the workflow is told. So it works while no worker is up, and
// nobody is answered; what became of it is asked for afterwards. The old token stays until the new one was accepted.
import { randomUUID } from 'node:crypto';
import { ENDED } from '../../domain/connection/connection-state.js';
import { refusalSentence } from '../../domain/failures/command-refusals.js';
import { isTokenFailure } from '../../domain/failures/creation-errors.js';
import { isFailureCode } from '../../domain/failures/failures.js';
import { Problem } from '../../domain/failures/problem.js';
import { lastFour, parseApiToken } from '../../domain/secret.js';
import { findConnection } from '../../store/connections/connection.repository.js';
import { findRefusedPermissions, insertPendingCredential } from '../../store/connections/credential.repository.js';
import {
  findOfferedCredential,
  firstRefusalAfter,
  lastTimelineId,
} from '../../store/connections/offered-credential.repository.js';
import type { Database } from '../../store/database.js';
import { withTenant } from '../../store/tenant.js';
import type { TokenCipher } from '../../store/token-cipher.js';
import type { ConnectionCommands } from '../../temporal/connection-commands.js';
import { record } from '../audit/audit.service.js';
import type { Doer, Scope } from '../http/request-facts.js';
import { tokenRefusal } from './refusals.js';

export interface TokenOffer {
  readonly connectionId: string;
  readonly credentialId: string;
  readonly lastFour: string;
  /** The timeline as it was before: a refusal comes later. */
  readonly timelineId: number;
}

/** `waiting`: no worker has looked at it yet. */
export type OfferOutcome =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'accepted'; readonly expiresAt: string | null }
  | { readonly kind: 'refused'; readonly problem: Problem };

export type TokenOffers = ReturnType<typeof createTokenOffers>;

const KIND = 'rotateToken';

export function createTokenOffers(deps: {
  readonly database: Database;
  readonly commands: Pick<ConnectionCommands, 'signalToken'>;
  readonly cipher: TokenCipher;
}) {
  const { database, commands, cipher } = deps;
  return {
    /** Throws a Problem when it is no token, the connection has ended, or Temporal cannot be reached. */
    async offer(doer: Doer, connectionId: string, apiToken: string): Promise<TokenOffer> {
      const { accountId } = doer.principal;
      const parsed = parseApiToken(apiToken);
      if (!parsed.ok) {
        throw tokenRefusal('s1.token_rejected', { errors: [{ path: 'apiToken', message: parsed.problem }] });
      }
      const { token } = parsed;
      const credential = { id: randomUUID(), connectionId, lastFour: lastFour(token) };
      const tokenJwe = await cipher.encrypt(token, { accountId, connectionId });
      const timelineId = await withTenant(database, accountId, 'all', async (tenant) => {
        const connection = await findConnection(tenant, connectionId);
        if (connection === undefined) throw new Problem('not_found', 'no such connection');
        if (ENDED.includes(connection.state)) throw new Problem('illegal_state', 'the connection has ended');
        await insertPendingCredential(tenant, { ...credential, tokenJwe });
        const after = { credentialId: credential.id, lastFour: credential.lastFour };
        const subject = { type: 'connection', id: connectionId };
        await record(tenant, doer, { action: 'connection.token_offered', subject, after });
        return lastTimelineId(tenant, connectionId);
      });
      await commands.signalToken({ accountId, connectionId }, { credentialId: credential.id });
      return { connectionId, credentialId: credential.id, lastFour: credential.lastFour, timelineId };
    },

    outcome: ({ accountId }: Scope, { connectionId, credentialId, timelineId }: TokenOffer): Promise<OfferOutcome> =>
      withTenant(database, accountId, 'all', async (tenant): Promise<OfferOutcome> => {
        const offered = await findOfferedCredential(tenant, connectionId, credentialId);
        if (offered?.isCurrent === true) return { kind: 'accepted', expiresAt: offered.expiresAt };
        const code = await firstRefusalAfter(tenant, connectionId, { kind: KIND, after: timelineId });
        if (code !== null) {
          const permissions = await findRefusedPermissions(tenant, credentialId);
          return { kind: 'refused', problem: refusalOf(code, permissions) };
        }
        if (offered !== undefined && offered.destroyedAt === null) return { kind: 'waiting' };
        // Destroyed by a refusal, the timeline's entry is about to follow; without one, another token came first.
        const isOld = offered === undefined || Date.now() - Date.parse(offered.destroyedAt ?? '') > ENTRY_FOLLOWS_MS;
        return isOld ? { kind: 'refused', problem: replaced() } : { kind: 'waiting' };
      }),
  };
}

/** The refusal is written by an activity of its own, after the one that destroyed the token. */
const ENTRY_FOLLOWS_MS = 30_000;

const replaced = () =>
  new Problem('unknown_credential', 'another token was accepted meanwhile, or this one was removed');

function refusalOf(code: string, permissions: Awaited<ReturnType<typeof findRefusedPermissions>>): Problem {
  if (!isFailureCode(code)) return new Problem('internal', `the new token could not be tried (${code}); send it again`);
  return isTokenFailure(code) ? tokenRefusal(code, { permissions }) : new Problem(code, refusalSentence(code));
}
