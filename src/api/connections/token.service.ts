// A new API token for a connection. The old one stays until the new one was accepted, and when it is refused.
// `replace` waits for the verdict. `offer` hands the token over by signal: that works while no worker is up, and nobody
// is answered; what became of it is asked for by `outcome`.
import { randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { rotateToken } from '../../../workflows/connection/messages.js';
import { refusalSentence } from '../../domain/failures/command-refusals.js';
import { isTokenFailure } from '../../domain/failures/creation-errors.js';
import { isFailureCode } from '../../domain/failures/failures.js';
import { Problem } from '../../domain/failures/problem.js';
import { lastFour } from '../../domain/secret.js';
import { findRefusedPermissions, insertPendingCredential } from '../../store/connections/credential.repository.js';
import {
  findOfferedCredential,
  firstRefusalAfter,
  lastTimelineId,
} from '../../store/connections/offered-credential.repository.js';
import type { Database } from '../../store/database.js';
import { withTenant } from '../../store/tenant.js';
import type { TokenCipher } from '../../store/token-cipher.js';
import { commandId, rotationId } from '../../temporal/command-ids.js';
import type { ConnectionCommands } from '../../temporal/connection-commands.js';
import { record } from '../audit/audit.service.js';
import { createOnce } from '../http/idempotency.js';
import type { Doer, Scope } from '../http/request-facts.js';
import { type Answer, noteAndShow } from './command-answer.js';
import type { ConnectionView } from './connection.dto.js';
import { readToken, tokenRefusal } from './refusals.js';
import { requireConnectionView, requireOpenConnection } from './require-connection.js';

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

export type TokenService = ReturnType<typeof createTokenService>;

const KIND = 'rotateToken';

export function createTokenService(deps: {
  readonly database: Database;
  readonly commands: Pick<ConnectionCommands, 'send' | 'signalToken'>;
  readonly cipher: Pick<TokenCipher, 'encrypt'>;
}) {
  const { database, commands, cipher } = deps;
  return {
    async replace(doer: Doer, id: string, apiToken: string, key?: string): Promise<Answer<ConnectionView>> {
      const { accountId } = doer.principal;
      const before = await withTenant(database, accountId, 'all', (tenant) => requireConnectionView(tenant, id));
      const token = readToken(apiToken, tokenRefusal);
      const credentialId = key === undefined ? randomUUID() : uuidv5(`token ${key}`, id);
      const tokenJwe = await cipher.encrypt(token, { accountId, connectionId: id });
      await withTenant(database, accountId, 'all', async (tenant) => {
        // The workflow would refuse it as well, and the token would have been kept for nothing.
        await requireOpenConnection(tenant, id);
        const route = `POST /v1/connections/${id}/token`;
        const credential = { id: credentialId, connectionId: id, tokenJwe, lastFour: lastFour(token) };
        await createOnce(tenant, { route, key, body: { apiToken }, resourceId: credentialId }, () =>
          insertPendingCredential(tenant, credential),
        );
      });
      const ref = { accountId, connectionId: id };
      const { done } = await commands
        .send(ref, rotateToken, { credentialId }, rotationId(credentialId))
        .catch(async (error: unknown) => {
          if (!(error instanceof Problem) || !isTokenFailure(error.code)) throw error;
          const permissions = await withTenant(database, accountId, 'all', (tenant) =>
            findRefusedPermissions(tenant, credentialId),
          );
          throw tokenRefusal(error.code, { permissions });
        });
      const entry = {
        id,
        action: 'connection.token_replaced',
        before: { lastFour: before.tokenLastFour },
        after: { lastFour: lastFour(token), done },
        commandId: key === undefined ? undefined : commandId('token', id, key),
      };
      const body = await withTenant(database, accountId, 'all', (tenant) => noteAndShow(tenant, doer, entry));
      return { done, body };
    },

    /** Throws a Problem when it is no token, the connection has ended, or Temporal cannot be reached. */
    async offer(doer: Doer, connectionId: string, apiToken: string): Promise<TokenOffer> {
      const { accountId } = doer.principal;
      const token = readToken(apiToken, tokenRefusal);
      const credential = { id: randomUUID(), connectionId, lastFour: lastFour(token) };
      const tokenJwe = await cipher.encrypt(token, { accountId, connectionId });
      const timelineId = await withTenant(database, accountId, 'all', async (tenant) => {
        await requireOpenConnection(tenant, connectionId);
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
