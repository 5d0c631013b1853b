// The HTTP application around the controllers, as the process and the tests use it.
import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express, NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import type { Logger } from '../../log.js';
import type { ConsoleFiles } from '../console/console-files.js';
import { serveConsole } from '../console/serve-console.js';
import { serveDocs } from '../docs/serve-docs.js';
import { REQUEST_METRICS, type RequestMetrics } from '../metrics/request-metrics.js';
import { readForwarded, type Trusts } from '../server/forwarded.js';
import { takeTurns } from '../server/turns.js';
import { cutUnreadReplies } from '../server/unread-replies.js';
import { SIGN_IN, type SignInParts } from '../sign-in/sign-in.controller.js';
import { signInHandler } from '../sign-in/sign-in.middleware.js';
import { SIGN_IN_PATH } from '../sign-in/sign-in.openapi.js';
import { limitArrivalTime, limitReplyTime, REPLY_MS } from './deadline.js';
import { LOG } from './problem.filter.js';
import { limitByAddress, RATE_LIMITER, type RateLimiter } from './rate-limit.js';
import { assignRequestId } from './request-facts.js';
import { validationPipe } from './validation.js';

export const MAX_BODY = '1mb';

export interface AppOptions {
  /** Proxies whose `X-Forwarded-For` is believed, as Express's `trust proxy` spells them; by default none. */
  readonly trustedProxies?: string;
  /** Until a reply has begun; tests shorten it. */
  readonly replyMs?: number;
  /** Null, as by default: there is none, and a browser is answered as any other program. */
  readonly console?: ConsoleFiles | null;
  /** How long a client may leave unread what is sent to it; tests shorten it. */
  readonly unreadMs?: number;
}

export async function createApp(module: DynamicModule, options: AppOptions = {}): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(module, {
    logger: ['error', 'fatal'],
    bodyParser: false,
  });
  app.disable('x-powered-by');
  app.set('etag', false); // answers are not to be kept, so nobody asks whether theirs is still right
  if (options.trustedProxies !== undefined) app.set('trust proxy', options.trustedProxies);
  const log = app.get<Logger>(LOG);
  const express: Express = app.getHttpAdapter().getInstance();
  const trusts = express.get('trust proxy fn') as Trusts;
  app.use(readForwarded(trusts, log));
  app.use(assignRequestId);
  app.use(app.get<RequestMetrics>(REQUEST_METRICS).middleware);
  app.use(helmet(HEADERS));
  app.use('/v1', doNotStore);
  if (options.console != null) app.use(serveConsole(options.console));
  app.use(limitReplyTime(options.replyMs ?? REPLY_MS));
  app.use(limitByAddress(app.get<RateLimiter>(RATE_LIMITER)));
  const { signIn, publicUrl } = app.get<SignInParts>(SIGN_IN);
  if (signIn !== null) app.use(SIGN_IN_PATH, signInHandler(signIn, publicUrl, log)); // reads the body itself
  app.useBodyParser('json', { limit: MAX_BODY });
  app.useBodyParser('text', { limit: MAX_BODY, type: 'text/csv' });
  app.useGlobalPipes(validationPipe());
  await serveDocs(app);
  takeTurns(app.getHttpServer());
  limitArrivalTime(app.getHttpServer());
  cutUnreadReplies(app.getHttpServer(), options.unreadMs);
  return app;
}

/**
 * Scripts and styles from here alone. Not upgraded to https: whoever serves it by http inside a network could load
 * nothing.
 */
const HEADERS: Parameters<typeof helmet>[0] = {
  contentSecurityPolicy: {
    directives: {
      styleSrc: ["'self'", "'unsafe-inline'"],
      fontSrc: ["'self'", 'data:'],
      upgradeInsecureRequests: null,
    },
  },
};

function doNotStore(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('cache-control', 'no-store');
  next();
}
