// The one place where errors become HTTP. A Problem is told as it is; everything else is told without detail and
// logged.
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Inject,
  NotFoundException,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { refusalSentence } from '../../domain/failures/command-refusals.js';
import { outcomeUnknown, Problem } from '../../domain/failures/problem.js';
import { saidOfStatus } from '../../domain/failures/request-problems.js';
import type { Logger } from '../../log.js';
import { isOutcomeUnknown, isUnstorableText, storeFailure } from '../../store/pg-errors.js';
import { allowedMethods } from './allowed-methods.js';
import { sendProblem } from './problem-document.js';
import { addressOf, requestIdOf } from './request-facts.js';

/** What Nest's injector knows the process's log by. */
export const LOG = Symbol('log');

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    if (response.writableEnded) return; // answered already: it took too long
    const methods = error instanceof NotFoundException ? allowedMethods(http.getRequest<Request>()) : [];
    const problem = methods.length > 0 ? otherMethod(methods) : problemOf(error, http.getRequest<Request>());
    const requestId = requestIdOf(response);
    if (problem.code === 'internal') this.log.error({ requestId, ...describe(error) }, 'a request failed unexpectedly');
    if (problem.code === 'unauthenticated' && http.getRequest<Request>().headers.authorization !== undefined) {
      this.log.warn({ requestId, address: addressOf(http.getRequest<Request>()) }, 'a key was refused');
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (methods.length > 0) response.setHeader('allow', methods.join(', '));
    sendProblem(response, problem);
  }
}

/** Of Express's body parser. */
const NO_JSON = 'entity.parse.failed';

/** Whose transactions change nothing, whatever became of them. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

const otherMethod = (methods: readonly string[]) =>
  new Problem('method_not_allowed', `this address takes ${methods.join(', ')}`, { extra: { allow: methods } });

function problemOf(error: unknown, { method }: Request): Problem {
  if (error instanceof Problem) return error;
  if (isOutcomeUnknown(error) && !READS.has(method)) return outcomeUnknown(error);
  const store = storeFailure(error);
  if (store === 'store.unavailable') return new Problem(store, refusalSentence(store), { cause: error });
  if (isUnstorableText(error)) {
    return new Problem('invalid_input', 'a text holds characters that cannot be stored', { cause: error });
  }
  // Nest wraps what Express throws.
  const original = error instanceof HttpException ? error.cause : error;
  if (original instanceof URIError) {
    return malformed('the address cannot be read; write what follows a % as UTF-8 in hexadecimal', error);
  }
  if (typeOf(original) === NO_JSON) return malformed('the request cannot be read; send valid JSON', error);
  const [code, sentence] = saidOfStatus(httpStatus(error));
  return new Problem(code, sentence, { cause: error });
}

const malformed = (sentence: string, cause: unknown) => new Problem('malformed_request', sentence, { cause });

const typeOf = (error: unknown): unknown => (error as { type?: unknown } | null)?.type;

/** Nest's own exceptions, and those of Express's body parser, which carry their status as a number. */
function httpStatus(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { status, expose } = (error ?? {}) as { status?: unknown; expose?: unknown };
  return typeof status === 'number' && expose === true ? status : 500;
}

function describe(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    error: error.name,
    code: (error as { code?: unknown }).code,
    at: frames.slice(0, 5).map((line) => line.trim()),
  };
}
