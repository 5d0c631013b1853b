// How many requests a caller, an account, and before anybody has said who they are an address, may send a minute. The
// generous limits stop a runaway script, not a customer; a caller's is narrower than its account's, so that one script
// does not shut everybody else out. The narrowest is the query endpoint's, the account's as the SIEM has it. The count
// is in this process's memory (see sliding-window.ts): n processes allow n times as many.
import { type CanActivate, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../../domain/failures/problem.js';
import { clientAddress } from '../auth/client-address.js';
import type { AuthenticatedRequest, Principal } from './principal.js';
import { addressOf } from './request-facts.js';
import { createSlidingWindow, type SlidingWindow, type Verdict } from './sliding-window.js';

const WINDOW_MS = 60_000;

export interface RateLimits {
  /** Requests a minute of one person or one API key. */
  readonly general: number;
  /** Of all callers of an account together. */
  readonly account: number;
  /** Of all callers of an account together, at the query endpoint. */
  readonly siem: number;
  /** An office of analysts shares one address, and so does everything behind one proxy. */
  readonly address: number;
}

export const RATE_LIMITS: RateLimits = { general: 600, account: 3_000, siem: 60, address: 3_000 };

export type RateClass = 'general' | 'siem';

const RATE_CLASS = 'rate class';

/** On a controller or a route whose requests are counted apart from all others; without it they are `general`. */
export const CountedAs = (rateClass: RateClass) => SetMetadata(RATE_CLASS, rateClass);

export const RATE_LIMITER = Symbol('rate limiter');
export type RateLimiter = Readonly<Record<keyof RateLimits, SlidingWindow>>;

export const createRateLimiter = (limits: RateLimits = RATE_LIMITS): RateLimiter => ({
  general: createSlidingWindow({ limit: limits.general, windowMs: WINDOW_MS }),
  account: createSlidingWindow({ limit: limits.account, windowMs: WINDOW_MS }),
  siem: createSlidingWindow({ limit: limits.siem, windowMs: WINDOW_MS }),
  address: createSlidingWindow({ limit: limits.address, windowMs: WINDOW_MS }),
});

/** After the AccessGuard, which says who is calling. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(RATE_LIMITER) private readonly limiter: RateLimiter,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { principal, isOperator = false } = http.getRequest<AuthenticatedRequest>();
    if (principal === undefined && !isOperator) return true;
    const { verdict, who } = principal === undefined ? this.takeOperator() : this.take(principal, context);
    const response = http.getResponse<Response>();
    response.setHeader('x-huntress-api-call-limit', verdict.limit);
    response.setHeader('x-huntress-api-call-remaining', verdict.remaining);
    refuseWhenSpent(verdict, response, who);
    return true;
  }

  private take(principal: Principal, context: ExecutionContext) {
    const targets = [context.getHandler(), context.getClass()];
    const rateClass = this.reflector.getAllAndOverride<RateClass | undefined>(RATE_CLASS, targets) ?? 'general';
    return rateClass === 'siem' ? this.takeSiem(principal) : this.takeGeneral(principal);
  }

  private takeOperator() {
    return { verdict: this.limiter.general.take('operator'), who: 'the operator' };
  }

  private takeSiem({ accountId }: Principal) {
    return { verdict: this.limiter.siem.take(accountId), who: 'this account' };
  }

  /**
   * What the caller has left, or the account when that is less. Who is refused for their own takes nothing of the
   * account's.
   */
  private takeGeneral({ accountId, kind, id }: Principal) {
    const caller = {
      verdict: this.limiter.general.take(`${kind} ${id}`),
      who: kind === 'user' ? 'you' : 'this API key',
    };
    if (!caller.verdict.allowed) return caller;
    const account = { verdict: this.limiter.account.take(accountId), who: 'this account' };
    const isTighter = !account.verdict.allowed || account.verdict.remaining < caller.verdict.remaining;
    return isTighter ? account : caller;
  }
}

const PROBES = new Set(['/healthz', '/readyz']);

/**
 * Before authentication, which costs a look into the database. Probes are exempt: they must not fail because others ask
 * a lot.
 */
export const limitByAddress =
  (limiter: RateLimiter) =>
  (request: Request, response: Response, next: NextFunction): void => {
    if (!PROBES.has(request.path)) {
      refuseWhenSpent(limiter.address.take(clientAddress(addressOf(request) ?? undefined)), response, 'this address');
    }
    next();
  };

function refuseWhenSpent({ allowed, limit, retryAfterMs }: Verdict, response: Response, who: string): void {
  if (allowed) return;
  const seconds = Math.ceil(retryAfterMs / 1000);
  response.setHeader('retry-after', seconds);
  throw new Problem('rate_limited', `${who} may send ${limit} requests a minute; try again in ${seconds} s`);
}
