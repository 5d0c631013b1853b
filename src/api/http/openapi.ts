// The OpenAPI document: made from the routes' own schemas, so it cannot say anything else than what the api checks. The
// problems that any route can have are added here; a route names only those of its own, with `@Problems`.
import { applyDecorators, type INestApplication } from '@nestjs/common';
import { ApiResponse, DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { SIGN_IN_PATH, signInPaths } from '../sign-in/sign-in.openapi.js';
import { type Access, ACCESS_EXTENSION } from './access.decorator.js';
import { noteParameterTypes } from './parameter-types.js';
import { problemDocument } from './problem-document.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'The request cannot be read',
  401: 'No credentials, or wrong ones',
  403: 'The role may not do this',
  404: 'No such thing, or not yours',
  408: 'It took too long',
  409: 'The state of things does not allow it',
  413: 'The body is larger than 1 MB',
  415: 'The body is neither JSON nor what the route takes',
  422: 'A value is not acceptable',
  429: 'Too many requests; `Retry-After` says when',
  500: 'Something went wrong here',
  503: 'A part of the product is away; nothing was changed, unless `code` is `store.outcome_unknown`',
};

const CONTENT = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

const problemResponse = (status: number) => ({ description: MEANINGS[status] ?? 'A problem', content: CONTENT });

/** The problems that this route has and not every route has: 409 and 503, say. */
export const Problems = (...statuses: readonly number[]) =>
  applyDecorators(...statuses.map((status) => ApiResponse({ status, ...problemResponse(status) })));

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('SentinelOne log source')
    .setVersion('1')
    .setDescription(
      'Everything an account does with its SentinelOne log source. Errors are RFC 9457 problem documents with a stable ' +
        '`code`. Lists are `{items, nextPageToken}`. `x-access` names the roles that may call a route; ' +
        '`operator` is whoever operates the product, by a key that belongs to no account.',
    )
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addCookieAuth(
      'sentinelone.session_token',
      { type: 'apiKey', in: 'cookie', description: 'A signed-in session' },
      'session',
    )
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'An API key, as key:secret' }, 'apiKey')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'The operator’s key, as key:secret' }, 'operator')
    .build();
  noteParameterTypes(app);
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: operationId });
  const schemas = { ...document.components?.schemas, Problem: problemSchema() };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) if (item[method] !== undefined) complete(item[method], method, path);
  }
  const paths = { ...document.paths, ...signInPaths(SIGN_IN_PATH, problemResponse) };
  const whole = { ...document, paths, components: { ...document.components, schemas } };
  return JSON.parse(JSON.stringify(whole, withoutBoundsOfNumbers)) as OpenAPIObject;
}

/** As committed: `npm run openapi` writes it. */
export const openApiText = (app: INestApplication): string => `${JSON.stringify(openApiDocument(app), null, 2)}\n`;

/** zod says of every integer that JavaScript can hold it. To a client that is noise. */
function withoutBoundsOfNumbers(key: string, value: unknown): unknown {
  const isBound = key === 'minimum' || key === 'maximum';
  return isBound && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER ? undefined : value;
}

/** `OrganizationController.list` → `organizationList`. */
const operationId = (controller: string, method: string) =>
  `${controller.charAt(0).toLowerCase()}${controller.slice(1).replace(/Controller$/, '')}${method.charAt(0).toUpperCase()}${method.slice(1)}`;

function complete(operation: Operation, method: string, path: string): void {
  const access = (operation as unknown as Record<string, unknown>)[ACCESS_EXTENSION] as Access;
  operation.security = securityOf(access);
  for (const status of commonProblems(operation, method, path, access)) {
    operation.responses[status] ??= problemResponse(status) as never;
  }
}

function securityOf(access: Access): Record<string, string[]>[] {
  if (access === 'public') return [];
  return access === 'operator' ? [{ operator: [] }] : [{ session: [] }, { apiKey: [] }];
}

function commonProblems(operation: Operation, method: string, path: string, access: Access): number[] {
  const statuses = [429, 500];
  if (access !== 'public') statuses.push(401, 403, 408, 503);
  if (access === 'operator') statuses.push(404);
  if (path.includes('{')) statuses.push(400, 404); // 400: an address that cannot be decoded
  if (operation.parameters !== undefined && operation.parameters.length > 0) statuses.push(422);
  if (method !== 'get') statuses.push(400, 413, 415); // a body is read, and refused, also where none is asked for
  if (operation.requestBody !== undefined) statuses.push(422);
  return statuses;
}

/** A schema with an id is put under `$defs`; here it is a component by itself. */
function problemSchema(): object {
  const { $defs } = z.toJSONSchema(problemDocument, { io: 'output' }) as { $defs?: Record<string, object> };
  const { $schema, ...schema } = ($defs?.Problem ?? z.toJSONSchema(problemDocument)) as Record<string, unknown>;
  void $schema;
  return schema;
}
