// `Idempotency-Key`: a caller that heard no answer sends the same request again and finds what the first one made. The
// key is claimed in the transaction that creates: of twenty at once one creates and the others wait for it to commit;
// one that fails leaves no claim behind.
import { createHash } from 'node:crypto';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { Problem } from '../../domain/failures/problem.js';
import { claimIdempotencyKey } from '../../store/people/idempotency.repository.js';
import type { Tenant } from '../../store/tenant.js';
import { Problems } from './openapi.js';

const HEADER = 'Idempotency-Key';
const MAX_CHARACTERS = 255;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * The header's value in a controller's arguments, undefined without one. Document it with `@AcceptsIdempotencyKey()`.
 */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const key = context.switchToHttp().getRequest<Request>().get(HEADER);
  if (key === undefined) return undefined;
  if (key.length <= MAX_CHARACTERS && PRINTABLE_ASCII.test(key)) return key;
  throw new Problem('invalid_input', `${HEADER}: use 1 to ${MAX_CHARACTERS} printable ASCII characters without spaces`);
});

export const AcceptsIdempotencyKey = () =>
  applyDecorators(
    ApiHeader({
      name: HEADER,
      required: false,
      description:
        'The same key and body within 24 hours give the same resource, 404 when it is gone; the same key with another ' +
        'body is 422.',
      schema: { type: 'string', minLength: 1, maxLength: MAX_CHARACTERS, pattern: PRINTABLE_ASCII.source },
    }),
    Problems(404),
  );

export interface Creation {
  /** `POST /v1/organizations`: a key is of one route. */
  readonly route: string;
  readonly key: string | undefined;
  /** As validated, so that spelling and order of fields make no difference. */
  readonly body: unknown;
  /** Of the resource about to be made; a repeated request gets the first one's. */
  readonly resourceId: string;
  readonly status?: number;
}

export interface Created {
  readonly resourceId: string;
  /** What the first request was answered with. */
  readonly status: number;
  /** True: it was there already, and `create` was not called. */
  readonly repeated: boolean;
}

/**
 * Calls `create` unless the key has made something before. Throws `idempotency_key_reused` when it was for another
 * body. The caller reads the resource again, so that a repeated request sees it as it is now.
 */
export async function createOnce(tenant: Tenant, creation: Creation, create: () => Promise<void>): Promise<Created> {
  const { route, key, body, resourceId, status = 201 } = creation;
  if (key !== undefined) {
    const bodySha256 = createHash('sha256').update(JSON.stringify(body)).digest();
    const earlier = await claimIdempotencyKey(tenant, { route, key, bodySha256, resourceId, status });
    if (earlier !== undefined) {
      if (!earlier.bodySha256.equals(bodySha256)) throw reused();
      return { resourceId: earlier.resourceId, status: earlier.status, repeated: true };
    }
  }
  await create();
  return { resourceId, status, repeated: false };
}

const reused = () =>
  new Problem(
    'idempotency_key_reused',
    `${HEADER}: this key was used with another body; use a new key for a new request`,
  );
