// Better Auth on our HTTP server: only the addresses listed here, small bodies, and refusals as problem documents like
// everywhere else. It reads the body itself, so it is mounted before the body parsers.
import { toNodeHandler } from 'better-auth/node';
import type { RequestHandler } from 'express';
import { Problem } from '../../domain/failures/problem.js';
import type { Logger } from '../../log.js';
import { addressOf, requestIdOf } from '../http/request-facts.js';
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from './sign-in.audit.js';
import { withDatabaseFaults } from './sign-in.database.js';
import type { SignIn } from './sign-in.js';
import { asProblem } from './sign-in.problem.js';

/** The library has more (sign-up, deleting oneself, tokens of the provider); what nobody needs is not there. */
const ROUTES: ReadonlySet<string> = new Set([
  'POST /sign-in/email',
  'POST /sign-in/social',
  'GET /callback/oidc',
  'POST /callback/oidc',
  'POST /link-social',
  'POST /sign-out',
  'GET /get-session',
  'POST /change-password',
  'GET /list-sessions',
  'POST /revoke-session',
  'POST /revoke-other-sessions',
  'GET /error',
]);

const MAX_BODY_BYTES = 16_384;

export const signInHandler = (signIn: SignIn, publicUrl: URL, log: Logger): RequestHandler =>
  async function handleSignIn(request, response) {
    if (!ROUTES.has(`${request.method} ${request.path}`)) throw new Problem('not_found', 'there is nothing here');
    requireSmallBody(request.headers);
    // Whatever a client has sent: where it comes from is what the connection says, and where we are is what we were
    // told.
    request.headers[CLIENT_ADDRESS_HEADER] = addressOf(request) ?? '';
    request.headers[REQUEST_ID_HEADER] = requestIdOf(response);
    request.headers.host = publicUrl.host;
    request.headers['x-forwarded-proto'] = publicUrl.protocol.slice(0, -1);
    const handle = toNodeHandler(async (each) =>
      asProblem(await withDatabaseFaults(() => signIn.handler(each)), requestIdOf(response)),
    );
    await handle(request, response);
    if (request.path === '/sign-in/email' && response.statusCode >= 400) {
      const facts = { requestId: requestIdOf(response), address: addressOf(request), status: response.statusCode };
      log.warn(facts, 'a sign-in was refused');
    }
  };

/** The library reads on for as long as a body without a length goes on. */
function requireSmallBody(headers: { readonly [name: string]: string | string[] | undefined }): void {
  if (headers['transfer-encoding'] !== undefined) {
    throw new Problem('malformed_request', 'send the body with a Content-Length');
  }
  if (Number(headers['content-length'] ?? 0) <= MAX_BODY_BYTES) return;
  throw new Problem('body_too_large', `the body is larger than ${MAX_BODY_BYTES / 1024} KB`);
}
