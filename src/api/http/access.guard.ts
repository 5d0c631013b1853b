// The one place where roles are enforced: who is calling, and may they. What they may see is then row-level security's.
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Problem } from '../../domain/failures/problem.js';
import { ACCESS, type Access } from './access.decorator.js';
import { OPERATOR_KEY, type OperatorKey } from './operator-key.js';
import { type AuthenticatedRequest, AUTHENTICATOR, type Authenticator } from './principal.js';

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(OPERATOR_KEY) private readonly operatorKey: OperatorKey,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    request.isOperator = this.operatorKey.isSentBy(request);
    if (access === 'operator') return request.isOperator || this.refuse(request);
    if (request.isOperator) throw new Problem('unauthenticated', 'the operator’s key is for /v1/operator alone');
    const principal = await this.authenticator.authenticate(request);
    if (principal === null) {
      throw new Problem('unauthenticated', 'sign in, or send an API key as HTTP Basic key:secret');
    }
    if (access?.includes(principal.role) !== true) {
      throw new Problem('forbidden', `the role ${principal.role} may not do this`);
    }
    request.principal = principal;
    return true;
  }

  /**
   * An account's people and keys, and everybody while there is no operator's key, hear what an unknown address answers.
   */
  private async refuse(request: Request): Promise<never> {
    const isNobody = this.operatorKey.isSet && (await this.authenticator.authenticate(request)) === null;
    if (isNobody) throw new Problem('unauthenticated', 'send the operator’s key as HTTP Basic key:secret');
    throw new Problem('not_found', 'there is nothing here');
  }
}
