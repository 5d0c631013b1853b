// What every `code` of a problem document means: the page that a problem's `type` points to, one row a code.
import { refusalSentence } from '../../domain/failures/command-refusals.js';
import { type FailureCode, FAILURES } from '../../domain/failures/failures.js';
import { type ProblemCode, REQUEST_PROBLEMS, type RequestProblem } from '../../domain/failures/problem.js';
import { statusOf } from '../http/problem-document.js';
import { helpPage, inline } from './guide-page.js';

const MEANINGS: Readonly<Record<RequestProblem, string>> = {
  invalid_input: 'A value is not acceptable; `detail` names the field and the fix, `errors` every field.',
  malformed_request: 'The request cannot be read: no valid JSON, or no HTTP.',
  unauthenticated: 'Nobody is signed in, or the API key is not valid. Sign in, or send `key:secret` as HTTP Basic.',
  forbidden: 'The role may not do this; `x-access` in `/openapi.json` says which may.',
  csrf_refused: 'A signed-in request that changes something did not come from our own pages. Scripts use an API key.',
  not_found: 'There is no such thing, or it is not yours.',
  method_not_allowed: 'The address takes other methods; `allow` names them.',
  request_timeout: 'It took too long. Look whether it was done before you repeat it.',
  name_taken: 'Another one has this name already.',
  external_key_taken: 'Another organization has this external key.',
  organization_in_use: 'The organization has mapped sites or is a Default Organization. Map them elsewhere first.',
  mapping_changed:
    'The backfill reaches back before a change of mapping; `changes` lists it. Accept the mapping or start later.',
  backfill_finished: 'The backfill is over.',
  too_many_backfills: 'As many backfills as a connection may have wait or run already. Let one end, or cancel one.',
  last_admin: 'An account keeps at least one admin.',
  already_member: 'Somebody with this e-mail address belongs to the account already.',
  email_taken:
    'Somebody signs in with this e-mail address already, to this account or another. Choose another address.',
  body_too_large: 'The body is larger than 1 MB.',
  unsupported_media_type: 'The body is neither JSON nor what the route takes.',
  collect_from_too_old: 'Events are not kept that long; choose a later instant.',
  backfill_too_old: 'Events are not kept that long; choose a later instant.',
  idempotency_key_reused: 'This `Idempotency-Key` was sent with another body. A new request takes a new key.',
  import_has_errors: 'Some lines of the list cannot be imported; `lines` names them, and nothing was changed.',
  rate_limited: 'Too many requests; `Retry-After` says when to go on.',
  internal: 'Something went wrong here. Tell whoever operates this product the `requestId`.',
  worker_unavailable: 'No worker took the command in time; nothing was changed. Try again.',
  temporal_unavailable: 'Temporal cannot be reached; nothing was changed. Try again.',
};

export function problemPage(): string {
  const requests = (Object.keys(REQUEST_PROBLEMS) as RequestProblem[]).map((code) => row(code, MEANINGS[code]));
  const failures = (Object.keys(FAILURES) as FailureCode[]).map((code) => row(code, capital(refusalSentence(code))));
  return helpPage(
    'Problems',
    `<h1>Problems</h1>
<p>${inline('Errors are RFC 9457 problem documents. `code` is stable and what a script should look at; `detail` is for people.')}</p>
<h2>Of a request</h2><table>${HEAD}${requests.join('')}</table>
<h2>Of a connection</h2>
<p><a href="/help/setup-sentinelone#every-code">What to do about each</a></p><table>${HEAD}${failures.join('')}</table>`,
  );
}

const HEAD = '<tr><th>code</th><th>status</th><th>what it means</th></tr>';

const row = (code: ProblemCode, meaning: string) =>
  `<tr id="${code}"><td><code>${code}</code></td><td>${statusOf(code)}</td><td>${inline(meaning)}</td></tr>`;

/** Sentences of the table begin in lower case, because they follow others elsewhere. */
const capital = (sentence: string) => `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
