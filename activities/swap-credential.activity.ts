// Makes a new token the connection's own: it is tried first, and only then the old one is destroyed here. Whatever is
// wrong with the new one, the old one stays and the new one is destroyed.
import { missingPermissions } from '../src/domain/connection/permissions.js';
import { FAILURES } from '../src/domain/failures/failures.js';
import { isUuid } from '../src/domain/uuid.js';
import { findCommand, once } from '../src/store/connections/command.repository.js';
import { savePermissions, saveSyslogTaken, setCredential } from '../src/store/connections/connection.repository.js';
import {
  destroyCredentials,
  findCredential,
  markAccepted,
  saveRefusedPermissions,
} from '../src/store/connections/credential.repository.js';
import { confirmScope } from '../src/store/connections/scope.repository.js';
import { withTenant } from '../src/store/tenant.js';
import { acceptedFacts, type ConnectionSession } from './attempt/connection-session.js';
import { applicationFailure, isLastTry, Refused } from './attempt/failure.js';
import { connectionChanged } from './attempt/refresh-notices.js';
import { type UpstreamFailure, withSession } from './attempt/with-session.js';
import { commandWithStore } from './attempt/with-store.js';
import type { Activities, CredentialOutcome, SwapCredential } from './contract.js';
import type { Deps } from './deps.js';
import { examine, findExpiry, findScope, twice } from './tokens/examine-token.js';
import { momentOf } from './tokens/look-at-scope.js';

const KIND = 'rotateToken';
/** An answer within the ten seconds that the API waits, even from a slow console. */
const EXCHANGE_TIMEOUT_MS = 3_000;

export const swapCredential =
  (deps: Deps): Activities['swapCredential'] =>
  async (input) => {
    const { accountId, connectionId, credentialId } = input;
    if (!isUuid(credentialId)) throw applicationFailure('unknown_credential');
    const found = await commandWithStore(deps, input, () =>
      withTenant(deps.database, accountId, 'all', async (tenant) => ({
        done: await findCommand<CredentialOutcome>(tenant, { ...input, kind: KIND }),
        credential: await findCredential(tenant, connectionId, credentialId),
      })),
    );
    if (found.done !== undefined) return found.done;
    if (found.credential === undefined) throw applicationFailure('unknown_credential');
    const options = {
      needs: { credentialId, totalTimeoutMs: EXCHANGE_TIMEOUT_MS },
      onFailure: (failure: UpstreamFailure) => refused(deps, input, failure),
    };
    return withSession(deps, input, options, async (opened) => swap(deps, input, opened));
  };

async function swap(deps: Deps, input: SwapCredential, opened: ConnectionSession): Promise<CredentialOutcome> {
  const { session, connection } = opened;
  const { accountId, connectionId, credentialId } = input;
  await twice(() => session.getSystemInfo());
  const seen = momentOf(session);
  const scope = await findScope(session);
  if (scope.s1AccountId !== acceptedFacts(connection).s1AccountId) throw new Refused('s1.other_account');
  const tokenExpiresAt = await twice(() => findExpiry(session));
  const { permissions, syslogEnabled } = await examine(session, scope);
  if (missingPermissions(permissions).length > 0) {
    await withTenant(deps.database, accountId, 'all', (tenant) =>
      saveRefusedPermissions(tenant, credentialId, permissions),
    );
    throw new Refused('s1.permission_missing');
  }
  const outcome = await withTenant(deps.database, accountId, 'all', (tenant) =>
    once(tenant, { ...input, kind: KIND }, async () => {
      await setCredential(tenant, connectionId, credentialId);
      if (!(await markAccepted(tenant, credentialId, tokenExpiresAt))) throw new Refused('unknown_credential');
      await destroyCredentials(tenant, connectionId, { allBut: credentialId });
      await confirmScope(tenant, connectionId, seen);
      await savePermissions(tenant, connectionId, permissions);
      await saveSyslogTaken(tenant, connectionId, syslogEnabled);
      return { credentialId, tokenExpiresAt };
    }),
  );
  await connectionChanged(deps, input);
  return outcome;
}

/** An upstream that is away says nothing about the token, but nobody waits for it: the token is to be sent again. */
async function refused(deps: Deps, input: SwapCredential, { code }: UpstreamFailure): Promise<Error> {
  const isStore = code === 'internal' || code.startsWith('store.');
  if (isStore) return applicationFailure(code, { hopeless: isLastTry() });
  const { accountId, connectionId, credentialId } = input;
  await commandWithStore(deps, input, () =>
    withTenant(deps.database, accountId, 'all', async (tenant) => {
      const { credentialId: current } = await tenant.db
        .selectFrom('connections')
        .select('credentialId')
        .where('accountId', '=', accountId)
        .where('id', '=', connectionId)
        .executeTakeFirstOrThrow();
      if (current !== credentialId) await destroyCredentials(tenant, connectionId, { only: credentialId });
    }),
  );
  if (FAILURES[code].retryable) deps.log.warn({ ...input, code }, 'a new token could not be tried; the old one stays');
  return applicationFailure(code);
}
