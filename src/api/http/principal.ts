// Who a request comes from, once sign-in or an API key has said so. Everything below the guard knows callers by this
// alone.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Role } from '../../domain/roles.js';
import type { OrganizationScope } from '../../store/tenant.js';

export { ACCOUNT_ROLES, type Role, ROLES } from '../../domain/roles.js';

export interface Principal {
  readonly kind: 'user' | 'api_key';
  readonly id: string;
  /** For the audit log: an e-mail address or a key's name. */
  readonly label: string;
  readonly accountId: string;
  readonly role: Role;
  /** `all` for every role but `org_user`. */
  readonly organizationIds: OrganizationScope;
}

/** Finds out who is calling; null when nobody says so. Throws a Problem when what they say is wrong. */
export interface Authenticator {
  authenticate(request: Request): Promise<Principal | null>;
}

export const AUTHENTICATOR = Symbol('authenticator');

export interface AuthenticatedRequest extends Request {
  principal?: Principal;
  /** It came with the operator's key, which is nobody's of any account. */
  isOperator?: boolean;
}

/** The caller, in a controller's arguments. Only on routes that have passed the guard. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (principal === undefined) throw new Error('a public route has no caller');
  return principal;
});
