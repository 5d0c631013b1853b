import { z } from 'zod';
import { organizationIds, role } from '../auth/reach.js';
import { listOf } from '../http/list.dto.js';
import { id, instantIn, instantOut, line } from '../http/schemas.js';

export const apiKeyId = id.describe('API key id');

export const createApiKey = z.strictObject({
  name: line(200),
  role,
  organizationIds: organizationIds.default([]),
  expiresAt: instantIn.nullable().default(null).describe('null: it does not expire'),
});

export const apiKey = z
  .object({
    id: apiKeyId,
    key: z.string().describe('The user name of HTTP Basic'),
    name: z.string(),
    role,
    organizationIds,
    createdAt: instantOut,
    createdBy: z.string(),
    expiresAt: instantOut.nullable(),
    lastUsedAt: instantOut.nullable().describe('To the minute'),
    revokedAt: instantOut.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const createdApiKey = apiKey
  .extend({ secret: z.string().nullable().describe('Shown this once; null when the request is a repeated one') })
  .meta({ id: 'CreatedApiKey' });
export const apiKeyList = listOf(apiKey).meta({ id: 'ApiKeyList' });

export type CreateApiKey = z.output<typeof createApiKey>;
