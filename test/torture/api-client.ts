// The HTTP API as a patient person's script uses it: a request that got no answer, or was told to try again, is sent
// again with the same idempotency key until it is answered.
import { setTimeout as delay } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

export interface ApiClient {
  /** The first answer that is final: done, or refused. Throws when there is none in time. */
  ask(request: Request): Promise<Answer>;
}

/** One try: `200`, `409 mapping_conflict`, `no answer`. */
export interface Try {
  readonly request: string;
  readonly said: string;
  readonly atMs: number;
  readonly tookMs: number;
}

const AGAIN_AFTER_MS = 400;
const ANSWER_TIMEOUT_MS = 20_000;
/** Longer than any restart and any backoff of a campaign. */
const PATIENCE_MS = 180_000;

export function createApiClient(of: {
  readonly url: string;
  /** `key:secret`. */
  readonly apiKey: string;
  /** Each try is added. */
  readonly tries: Try[];
  readonly signal: AbortSignal;
}): ApiClient {
  const { url, apiKey, tries, signal } = of;
  const authorization = `Basic ${Buffer.from(apiKey).toString('base64')}`;

  const once = async ({ method, path, body, idempotencyKey }: Request): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
  };

  return {
    async ask(request) {
      const deadlineMs = Date.now() + PATIENCE_MS;
      for (;;) {
        const atMs = Date.now();
        const answer = await once(request).catch(() => undefined);
        signal.throwIfAborted();
        const said = answer === undefined ? 'no answer' : inShort(answer);
        tries.push({ request: `${request.method} ${request.path}`, said, atMs, tookMs: Date.now() - atMs });
        if (answer !== undefined && isFinal(answer)) return answer;
        if (Date.now() >= deadlineMs) {
          throw new Error(`${request.method} ${request.path} was not answered within ${PATIENCE_MS / 1000} s`);
        }
        await delay(AGAIN_AFTER_MS, undefined, { signal });
      }
    },
  };
}

const isFinal = ({ status }: Answer): boolean => status < 500 && status !== 429 && status !== 408;

/** The problem's code where there is one. */
export const codeOf = ({ body }: Answer): string => (typeof body['code'] === 'string' ? body['code'] : '');

const inShort = (answer: Answer): string => `${answer.status} ${codeOf(answer)}`.trim();
