// The one error that calls to SentinelOne throw. It carries a code to branch on and facts to show; its message holds
// neither the reply's text nor anything a person typed, so that it may travel to logs and workflow histories.
import type { FailureCode } from '../domain/failures/failures.js';
import type { EndpointName } from './endpoints.js';

/** Enough for the sentence SentinelOne writes, too little for a body. */
export const MAX_DETAIL_CHARACTERS = 300;

export interface SentinelOneFailure {
  readonly code: FailureCode;
  readonly endpoint: EndpointName;
  /** The reply's HTTP status, or null when there was no reply. */
  readonly status: number | null;
  /** How long SentinelOne asked to be left alone; only with `s1.rate_limited`, and null when it did not say. */
  readonly retryAfterMs?: number | null;
  /** SentinelOne's own words from the documented `errors[]`, or ours on what was wrong; never a body, never a token. */
  readonly detail?: string;
  /**
   * The request continued a chain of pages and SentinelOne no longer knows the cursor: start again from the checkpoint.
   */
  readonly cursorRejected?: boolean;
  /** Fewer rows might be had: the reply passed our limit, or did not end in time. */
  readonly tooMuch?: 'bytes' | 'time' | null;
  readonly cause?: unknown;
}

export class SentinelOneError extends Error {
  override readonly name = 'SentinelOneError';
  readonly code: FailureCode;
  readonly endpoint: EndpointName;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly detail: string;
  readonly cursorRejected: boolean;
  readonly tooMuch: 'bytes' | 'time' | null;

  constructor(failure: SentinelOneFailure) {
    const answer = failure.status === null ? 'gave no answer' : `answered ${failure.status}`;
    super(`${failure.code}: SentinelOne ${failure.endpoint} ${answer}`, { cause: failure.cause });
    this.code = failure.code;
    this.endpoint = failure.endpoint;
    this.status = failure.status;
    this.retryAfterMs = failure.retryAfterMs ?? null;
    this.detail = boundedDetail(failure.detail ?? '');
    this.cursorRejected = failure.cursorRejected ?? false;
    this.tooMuch = failure.tooMuch ?? null;
  }
}

/** One line of bounded length: control characters and runs of white space become one space. */
export function boundedDetail(text: string): string {
  // Cut first: the text may be a hostile megabyte, and white space rarely shrinks a sentence to a quarter.
  const line = text
    .slice(0, MAX_DETAIL_CHARACTERS * 4)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.slice(0, MAX_DETAIL_CHARACTERS).toWellFormed();
}
