// Every reply carries an id that the log has too, so that a person can say which request went wrong.
import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

export function assignRequestId(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('x-request-id', randomUUID());
  next();
}

export const requestIdOf = (response: Response): string => String(response.getHeader('x-request-id') ?? '');
