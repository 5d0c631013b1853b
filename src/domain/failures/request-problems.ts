// What can be wrong with a request itself, by codes that are no failures of a connection: the HTTP status and the
// meaning, which `/docs/problems` shows; and what is said where a library threw nothing but a status.

interface RequestRule {
  readonly status: number;
  readonly meaning: string;
}

export const REQUEST_PROBLEMS = {
  invalid_input: {
    status: 422,
    meaning: 'A value is not acceptable; `detail` names the field and the fix, `errors` every field.',
  },
  malformed_request: {
    status: 400,
    meaning: 'The request cannot be read: no valid JSON, or no HTTP.',
  },
  unauthenticated: {
    status: 401,
    meaning: 'Nobody is signed in, or the API key is not valid. Sign in, or send `key:secret` as HTTP Basic.',
  },
  forbidden: {
    status: 403,
    meaning: 'The role may not do this; `x-access` in `/openapi.json` says which may.',
  },
  csrf_refused: {
    status: 403,
    meaning: 'A signed-in request that changes something did not come from our own pages. Scripts use an API key.',
  },
  not_found: {
    status: 404,
    meaning: 'There is no such thing, or it is not yours.',
  },
  method_not_allowed: {
    status: 405,
    meaning: 'The address takes other methods; `allow` names them.',
  },
  request_timeout: {
    status: 408,
    meaning: 'It took too long. Look whether it was done before you repeat it.',
  },
  name_taken: {
    status: 409,
    meaning: 'Another one has this name already.',
  },
  external_key_taken: {
    status: 409,
    meaning: 'Another organization has this external key.',
  },
  organization_in_use: {
    status: 409,
    meaning: 'The organization has mapped sites or is a Default Organization. Map them elsewhere first.',
  },
  mapping_changed: {
    status: 409,
    meaning:
      'The backfill reaches back before a change of mapping; `changes` lists it. Accept the mapping or start later.',
  },
  backfill_finished: {
    status: 409,
    meaning: 'The backfill is over.',
  },
  too_many_backfills: {
    status: 409,
    meaning: 'As many backfills as a connection may have wait or run already. Let one end, or cancel one.',
  },
  last_admin: {
    status: 409,
    meaning: 'An account keeps at least one admin.',
  },
  already_member: {
    status: 409,
    meaning: 'Somebody with this e-mail address belongs to the account already.',
  },
  email_taken: {
    status: 409,
    meaning: 'Somebody signs in with this e-mail address already, to this account or another. Choose another address.',
  },
  body_too_large: {
    status: 413,
    meaning: 'The body is larger than 1 MB.',
  },
  unsupported_media_type: {
    status: 415,
    meaning: 'The body is neither JSON nor what the route takes.',
  },
  collect_from_too_old: {
    status: 422,
    meaning: 'Events are not kept that long; choose a later instant.',
  },
  backfill_too_old: {
    status: 422,
    meaning: 'Events are not kept that long; choose a later instant.',
  },
  idempotency_key_reused: {
    status: 422,
    meaning: 'This `Idempotency-Key` was sent with another body. A new request takes a new key.',
  },
  import_has_errors: {
    status: 422,
    meaning: 'Some lines of the list cannot be imported; `lines` names them, and nothing was changed.',
  },
  rate_limited: {
    status: 429,
    meaning: 'Too many requests; `Retry-After` says when to go on.',
  },
  internal: {
    status: 500,
    meaning: 'Something went wrong here. Tell whoever operates this product the `requestId`.',
  },
  'store.outcome_unknown': {
    status: 503,
    meaning:
      'The database was lost while it was told to keep the change: it may have been done. Repeat the request with the same `Idempotency-Key`, or look before you repeat it.',
  },
  worker_unavailable: {
    status: 503,
    meaning: 'No worker took the command in time; nothing was changed. Try again.',
  },
  temporal_unavailable: {
    status: 503,
    meaning: 'Temporal cannot be reached; nothing was changed. Try again.',
  },
  workflow_missing: {
    status: 503,
    meaning: 'The connection’s workflow is gone and is being started again; nothing was changed. Try in two minutes.',
  },
} as const satisfies Record<string, RequestRule>;

export type RequestProblem = keyof typeof REQUEST_PROBLEMS;

type Said = readonly [code: RequestProblem, sentence: string];

const UNREADABLE: Said = ['malformed_request', 'the request cannot be read'];
const UNEXPECTED: Said = ['internal', 'something went wrong here; try again later'];

const BY_STATUS: Readonly<Record<number, Said>> = {
  400: UNREADABLE,
  401: ['unauthenticated', 'sign in, or send an API key as HTTP Basic key:secret'],
  403: ['forbidden', 'this may not be done'],
  404: ['not_found', 'there is nothing here'],
  405: ['method_not_allowed', 'this address takes other methods'],
  408: ['request_timeout', 'the request took too long to arrive'],
  413: ['body_too_large', 'the body is larger than 1 MB'],
  415: ['unsupported_media_type', 'send JSON in UTF-8, not compressed in a way that is unknown here'],
  429: ['rate_limited', 'too many requests; wait and try again'],
};

/** A status below 500 that is not listed is a request that cannot be read; every other one is a fault of ours. */
export const saidOfStatus = (status: number): Said => BY_STATUS[status] ?? (status < 500 ? UNREADABLE : UNEXPECTED);
