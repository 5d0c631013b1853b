// Where a request came from, for the audit log, and the id by which a person can say which request went wrong: the
// reply carries it, and the log has it too. A controller that changes something takes `@Acting() actor` and hands it to
// its service: who asks, and from where, in one argument.
import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { AuditActorKind } from '../../domain/audit.js';
import type { Database } from '../../store/database.js';
import { type Tenant, withTenant } from '../../store/tenant.js';
import type { AuthenticatedRequest, Principal } from './principal.js';

export interface RequestFacts {
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

/** What a service may know of whoever asks: whose rows they see. */
export type Scope = Pick<Principal, 'accountId' | 'organizationIds'>;

/** Runs its work in a transaction that sees what the scope may see. */
export const scoped =
  (database: Database) =>
  <T>({ accountId, organizationIds }: Scope, work: (tenant: Tenant) => Promise<T>): Promise<T> =>
    withTenant(database, accountId, organizationIds, work);

/** What the audit log names. A principal is one; so is somebody on the command line. */
export interface Author {
  readonly kind: AuditActorKind;
  readonly id: string | null;
  readonly label: string;
}

/** Who does it, and from where. */
export interface Doer {
  readonly principal: Scope & Author;
  readonly facts: RequestFacts;
}

/** A doer who came through the guard. */
export interface Actor extends Doer {
  readonly principal: Principal;
}

/** Somebody who operates the product, on its command line or in its start script, at work for one account. */
export const operator = (accountId: string, label: string): Doer => ({
  principal: { kind: 'operator', id: null, label, accountId, organizationIds: 'all' },
  facts: { ip: null, userAgent: null, requestId: null },
});

export function assignRequestId(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('x-request-id', randomUUID());
  next();
}

export const requestIdOf = (response: Response): string => String(response.getHeader('x-request-id') ?? '');

// Longer ones exist, but say nothing more about who it was.
const MAX_USER_AGENT_CHARACTERS = 300;

export const userAgentOf = (header: string | null | undefined): string | null =>
  header?.slice(0, MAX_USER_AGENT_CHARACTERS) ?? null;

export function requestFacts(request: Request): RequestFacts {
  return {
    ip: addressOf(request),
    userAgent: userAgentOf(request.get('user-agent')),
    requestId: request.res === undefined ? null : requestIdOf(request.res),
  };
}

/** The caller's address; behind a trusted proxy, what the proxy says. An IPv4 address is written as one. */
export const addressOf = (request: Request): string | null => request.ip?.replace(/^::ffff:(?=\d+\.)/, '') ?? null;

/** The caller and the request's facts, in a controller's arguments. Only on routes that have passed the guard. */
export const Acting = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (request.principal === undefined) throw new Error('a public route has no caller');
  return { principal: request.principal, facts: requestFacts(request) };
});
