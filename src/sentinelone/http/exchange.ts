// One HTTP exchange: the request out, the reply in as text, within limits of time and size. Whatever the network does
// becomes `s1.unavailable`; a reply past the size limit, or that cannot be unpacked, becomes `s1.bad_response`. Status
// codes are not judged here.
import { type Dispatcher, errors, Pool } from 'undici';
import type { EndpointName } from '../endpoints.js';
import { SentinelOneError } from '../sentinelone-error.js';
import { type BodyMemory, garbageCollected, gather } from './body.js';
import type { Reply } from './classify.js';
import { BadCoding, decoderOf, isDamaged } from './content-coding.js';

export interface Timeouts {
  readonly connectMs: number;
  /** From the request sent to the reply's headers. */
  readonly headersMs: number;
  /** Between two pieces of the body. */
  readonly bodyMs: number;
  /** For the whole exchange, so that a body that drips in for ever ends too. */
  readonly totalMs: number;
  /** For an impatient session: without a single byte, from asking for a connection to the end of the body. */
  readonly silentMs: number;
}

/**
 * A page of 1000 activities normally takes well under 10 s; a console under load may take a minute, for which a
 * backfill has the time. The live poll has not: what is silent for 15 s is tried again, and shown as failing meanwhile.
 */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  headersMs: 60_000,
  bodyMs: 30_000,
  totalMs: 120_000,
  silentMs: 15_000,
};

/** Twenty times a page of 1000 usual activities, and little enough for several at once in a worker's memory. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Live poll, up to six backfill slices, sites and completeness of a few connections on one console. */
const CONNECTIONS_PER_CONSOLE = 16;

export interface Exchange {
  readonly endpoint: EndpointName;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly totalMs: number;
  /** Null: the pool's time-outs are enough. */
  readonly silentMs: number | null;
  readonly signal: AbortSignal | undefined;
  /** Where the reply's body is put; left out, memory of its own. */
  readonly memory: BodyMemory | undefined;
}

export interface TimedReply extends Reply {
  /** The body as it came; `text` is decoded from it each time it is asked for, which a page of activities never is. */
  readonly bytes: Buffer;
  readonly sentAtMs: number;
  /** When the headers had arrived, by our clock. */
  readonly receivedAtMs: number;
}

/** HTTP/1.1 only: consoles speak both, and one connection a request keeps a slow page from holding up the others. */
export const createPool = (origin: string, timeouts: Timeouts): Pool =>
  new Pool(origin, {
    connections: CONNECTIONS_PER_CONSOLE,
    allowH2: false,
    connectTimeout: timeouts.connectMs,
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
    maxResponseSize: MAX_BODY_BYTES,
  });

/** Throws a SentinelOneError, or the signal's reason when the caller gave up. */
export async function exchange(pool: Pool, request: Exchange): Promise<TimedReply> {
  const deadline = startDeadline(request);
  const sentAtMs = Date.now();
  try {
    const { endpoint: _, totalMs: __, silentMs: ___, memory = garbageCollected, ...options } = request;
    const response = await pool.request({ ...options, signal: deadline.signal });
    const receivedAtMs = Date.now();
    deadline.heard();
    const bytes = withoutMark(await gather(response.body, { ...bodyOf(response), memory, onPiece: deadline.heard }));
    return {
      ...headersOf(response),
      bytes,
      get text() {
        return bytes.toString();
      },
      sentAtMs,
      receivedAtMs,
    };
  } catch (error) {
    if (request.signal?.aborted) throw abortReason(request.signal, request.endpoint);
    throw asFailure(error, request.endpoint);
  } finally {
    deadline.stop();
  }
}

/** A deadline that ran out is an outage to whoever set it; any other reason to abort is the caller's own and kept. */
export function abortReason(signal: AbortSignal, endpoint: EndpointName): unknown {
  const reason: unknown = signal.reason;
  if (!(reason instanceof DOMException) || reason.name !== 'TimeoutError') return reason;
  return new SentinelOneError({
    code: 's1.unavailable',
    endpoint,
    status: null,
    detail: 'timed out',
    tooMuch: 'time',
    cause: reason,
  });
}

interface Deadline {
  readonly signal: AbortSignal;
  /** Something has arrived: silence counts from here. */
  readonly heard: () => void;
  stop(): void;
}

/**
 * Own timers and listener, all removed at the end: `AbortSignal.timeout` would leave some behind for every request.
 */
function startDeadline({ signal, totalMs, silentMs }: Exchange): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  const giveUp = () => controller.abort(new DOMException('timed out', 'TimeoutError'));
  const timer = setTimeout(giveUp, totalMs);
  const silence = silentMs === null ? undefined : setTimeout(giveUp, silentMs);
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    heard: () => void silence?.refresh(),
    stop() {
      clearTimeout(timer);
      clearTimeout(silence);
      signal?.removeEventListener('abort', abort);
    },
  };
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** JSON may not begin with a byte order mark, but a decoder takes it off. */
const withoutMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;

/** What the reply says of its body: its size, as far as we take it, and how it is packed; then the size is another. */
function bodyOf({ headers, body }: Dispatcher.ResponseData) {
  const decoder = decoderFor(headers, body);
  const said = Number(first(headers['content-length']) ?? NaN);
  const isSize = decoder === null && Number.isSafeInteger(said) && said >= 0;
  return { decoder, size: isSize ? Math.min(said, MAX_BODY_BYTES) : null, maxBytes: MAX_BODY_BYTES };
}

/** A body that nobody reads would keep its connection busy. */
function decoderFor(headers: Dispatcher.ResponseData['headers'], body: Dispatcher.ResponseData['body']) {
  try {
    return decoderOf(first(headers['content-encoding']));
  } catch (error) {
    body.on('error', () => undefined).destroy();
    throw error;
  }
}

const headersOf = ({ statusCode, headers }: Dispatcher.ResponseData) => ({
  status: statusCode,
  contentType: first(headers['content-type']),
  retryAfter: first(headers['retry-after']),
  date: first(headers['date']),
});

const first = (value: string | string[] | undefined): string | null =>
  (Array.isArray(value) ? value[0] : value) ?? null;

function asFailure(error: unknown, endpoint: EndpointName): unknown {
  // A request that undici refuses to send is a mistake of ours, not an outage.
  if (error instanceof errors.InvalidArgumentError) return error;
  const tooBig = error instanceof errors.ResponseExceededMaxSizeError;
  const badCoding =
    error instanceof BadCoding ? error.message : isDamaged(error) ? 'The reply cannot be unpacked.' : null;
  if (badCoding !== null) {
    return new SentinelOneError({ code: 's1.bad_response', endpoint, status: null, detail: badCoding, cause: error });
  }
  return new SentinelOneError({
    code: tooBig ? 's1.bad_response' : 's1.unavailable',
    endpoint,
    status: null,
    detail: tooBig ? `The reply is larger than ${MAX_BODY_BYTES} bytes.` : networkErrorCode(error),
    tooMuch: tooBig ? 'bytes' : isTimeout(error) ? 'time' : null,
    cause: error,
  });
}

/** While the reply was on its way; a connection that cannot be made is no matter of size. */
const isTimeout = (error: unknown): boolean =>
  error instanceof errors.HeadersTimeoutError ||
  error instanceof errors.BodyTimeoutError ||
  (error instanceof Error && error.name === 'TimeoutError');

/**
 * `ECONNREFUSED`, `UND_ERR_HEADERS_TIMEOUT`, `CERT_HAS_EXPIRED` …; Node hides it in an AggregateError when it tried
 * several addresses.
 */
function networkErrorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return networkErrorCode(error.errors[0]);
  if (!(error instanceof Error)) return 'network error';
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  return error.name === 'TimeoutError' ? 'timed out' : 'network error';
}
