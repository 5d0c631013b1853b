// The one place where roles are enforced: who is calling, and may they. What they may see is then row-level security's.
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '../../domain/problem.js';
import { ACCESS, type Access } from './access.decorator.js';
import { AUTHENTICATOR, type AuthenticatedRequest, type Authenticator } from './principal.js';

@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
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
}
