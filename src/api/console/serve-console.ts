// Serves the console at every address that the API does not keep for itself: its pages are addresses, and a reload of
// one gets the page again.
import { randomBytes } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { type ConsoleFile, type ConsoleFiles, NONCE } from './console-files.js';

/** What the API answers, also to a browser. */
const OF_THE_API = /^\/(v1|docs|help|openapi\.json|healthz|readyz|metrics)(\/|$)/;
const YEAR_S = 365 * 24 * 3_600;

export const serveConsole =
  ({ files, page }: ConsoleFiles): RequestHandler =>
  (request: Request, response: Response, next: NextFunction) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || OF_THE_API.test(request.path)) return next();
    const file = files.get(request.path);
    if (file !== undefined) return sendFile(request, response, file);
    if (wantsPage(request)) return sendPage(response, page);
    next();
  };

/** A browser that goes somewhere names HTML itself; whoever accepts anything is a program, answered by the API. */
const wantsPage = (request: Request): boolean => /(^|,)\s*text\/html\b/i.test(request.get('accept') ?? '');

function sendFile(request: Request, response: Response, { type, plain, brotli, hashed }: ConsoleFile): void {
  response.setHeader('content-type', type);
  response.setHeader('cache-control', hashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
  response.vary('accept-encoding');
  const compressed = brotli !== null && request.acceptsEncodings('br') === 'br';
  if (compressed) response.setHeader('content-encoding', 'br');
  response.end(compressed ? brotli : plain);
}

function sendPage(response: Response, page: string): void {
  const nonce = randomBytes(16).toString('base64');
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.setHeader('content-security-policy', policy(nonce));
  response.end(page.replaceAll(NONCE, nonce));
}

/** Nothing from elsewhere and no script in the page; the nonce is for the styles that components write at run time. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
