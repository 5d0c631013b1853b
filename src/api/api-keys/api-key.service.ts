// API keys of an account. The secret leaves this process once, in the reply to its creation; its hash is what is
// stored.
import { randomBytes, randomUUID } from 'node:crypto';
import { outcomeUnknown, Problem } from '../../domain/failures/problem.js';
import type { Database } from '../../store/database.js';
import {
  type ApiKey,
  insertApiKey,
  listApiKeys,
  readApiKey,
  revokeApiKey,
} from '../../store/people/api-key.repository.js';
import { isOutcomeUnknown } from '../../store/pg-errors.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import { record } from '../audit/audit.service.js';
import { requireReach } from '../auth/reach.js';
import { hashSecret, makeSecret } from '../auth/secrets.js';
import { createOnce } from '../http/idempotency.js';
import { decodePageToken, pageOf, type PageQuery } from '../http/list.dto.js';
import type { Actor, Scope } from '../http/request-facts.js';
import type { CreateApiKey } from './api-key.dto.js';

/** Names the key without giving anything away, so that a list, a log line and a person can. */
export const makeKey = () => `key_${randomBytes(12).toString('hex')}`;

export type ApiKeyService = ReturnType<typeof createApiKeyService>;

export function createApiKeyService({ database }: { readonly database: Database }) {
  return {
    async list({ accountId, organizationIds }: Scope, { pageToken, limit }: PageQuery) {
      const key = decodePageToken(pageToken, ['instant', 'uuid']);
      const after = key === null ? null : { createdAt: key[0] ?? '', id: key[1] ?? '' };
      const rows = await withTenant(database, accountId, organizationIds, (tenant) =>
        listApiKeys(tenant, { after, limit: limit + 1 }),
      );
      return pageOf(rows, limit, ({ createdAt, id }) => [createdAt, id]);
    },

    async create(
      actor: Actor,
      wanted: CreateApiKey,
      idempotencyKey?: string,
    ): Promise<ApiKey & { secret: string | null }> {
      if (wanted.expiresAt !== null && Date.parse(wanted.expiresAt) <= Date.now()) {
        throw new Problem('invalid_input', 'expiresAt: must be in the future');
      }
      const { principal } = actor;
      const secret = makeSecret();
      const apiKey = { id: randomUUID(), key: makeKey(), createdBy: principal.label, ...wanted };
      const making = withTenant(database, principal.accountId, principal.organizationIds, async (tenant) => {
        const creation = { route: 'POST /v1/api-keys', key: idempotencyKey, body: wanted, resourceId: apiKey.id };
        const { resourceId, repeated } = await createOnce(tenant, creation, async () => {
          await requireReach(tenant, wanted);
          await insertApiKey(tenant, { ...apiKey, secretSha256: hashSecret(secret) });
          await record(tenant, actor, {
            action: 'api_key.created',
            subject: { type: 'api_key', id: apiKey.id },
            after: { key: apiKey.key, ...wanted },
          });
        });
        return { ...(await found(tenant, resourceId)), secret: repeated ? null : secret };
      });
      // Whoever made it never hears its secret; by its name they find and revoke it.
      return making.catch((error: unknown) => {
        throw isOutcomeUnknown(error) ? outcomeUnknown(error, { apiKey: { id: apiKey.id, key: apiKey.key } }) : error;
      });
    },

    async revoke(actor: Actor, id: string): Promise<void> {
      const { accountId, organizationIds } = actor.principal;
      await withTenant(database, accountId, organizationIds, async (tenant) => {
        const { revokedAt, key, name } = await found(tenant, id);
        if (revokedAt !== null) return;
        await revokeApiKey(tenant, id);
        await record(tenant, actor, {
          action: 'api_key.revoked',
          subject: { type: 'api_key', id },
          before: { key, name },
        });
      });
    },
  };
}

async function found(tenant: Tenant, id: string): Promise<ApiKey> {
  const apiKey = await readApiKey(tenant, id);
  if (apiKey === undefined) throw new Problem('not_found', 'there is no such API key');
  return apiKey;
}
