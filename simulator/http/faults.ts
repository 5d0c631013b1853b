// Faults that a test adds for the next requests: what a real console, or the network before it, does on a bad day.
import { z } from 'zod';
import { writeJson } from './json.js';
import { gatewayPage, jsonText, type Reply } from './reply.js';

export const FAULT = z.strictObject({
  /** Hits are counted by this name, for a test that has to know that the fault really happened. */
  name: z.string().min(1).optional(),
  /** How many matching requests it hits. */
  requests: z.int().min(1).default(1),
  /** How many matching requests pass before it begins. */
  after: z.int().min(0).default(0),
  /** Below the API's base, e.g. `/activities`; without it every path matches. */
  pathPrefix: z.string().optional(),
  /** Only requests whose query string has this in it, e.g. `cursor=`. */
  queryContains: z.string().optional(),
  status: z.int().min(200).max(599).optional(),
  /** The body to send instead; HTML when it begins with `<`. */
  body: z.string().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  /** The value of a Retry-After header: seconds, or an HTTP date. */
  retryAfter: z.string().optional(),
  /** Instead of the console's `Date` header: another text, or null for none at all. */
  dateHeader: z.string().nullable().optional(),
  /** How far the `Date` header alone is ahead of the console's clock; negative when it is behind. */
  dateSkewMs: z.int().optional(),
  slowMs: z.int().min(0).default(0),
  /** The connection is cut before anything is sent, or in the middle of the body. */
  reset: z.enum(['before', 'mid-body']).optional(),
  /** Half of the body, sent as if it were the whole. */
  cutJson: z.boolean().default(false),
  /** The request's own cursor is served as the next one, with the rows of the page that it was: a chain without an end. */
  repeatsPage: z.boolean().default(false),
  /** A 200 that carries an `errors` array instead of data. */
  errorsIn200: z.boolean().default(false),
});
export type Fault = z.output<typeof FAULT>;

const REASONS: Readonly<Record<number, string>> = {
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

export class Faults {
  private waiting: { fault: Fault; passed: number; hit: number }[] = [];
  private readonly hits = new Map<string, number>();

  add(fault: Fault): void {
    this.waiting.push({ fault, passed: 0, hit: 0 });
  }

  clear(): void {
    this.waiting = [];
  }

  /** How many requests were hit so far, by the fault's name. `clear` keeps these counts. */
  hitsByName = (): Readonly<Record<string, number>> => Object.fromEntries(this.hits);

  /** The fault that hits this request, or null. A fault that still lets requests pass (`after`) counts this one. */
  take(path: string, query: string): Fault | null {
    for (const entry of this.waiting) {
      const { fault } = entry;
      if (!path.startsWith(fault.pathPrefix ?? '') || !query.includes(fault.queryContains ?? '')) continue;
      if (entry.passed < fault.after) {
        entry.passed += 1;
        continue;
      }
      entry.hit += 1;
      if (fault.name !== undefined) this.hits.set(fault.name, (this.hits.get(fault.name) ?? 0) + 1);
      if (entry.hit === fault.requests) this.waiting = this.waiting.filter((other) => other !== entry);
      return fault;
    }
    return null;
  }
}

/** The reply that replaces the console's own, or null when the fault lets that one through. */
export function replacementOf(fault: Fault): Reply | null {
  const retryAfter: Record<string, string> = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
  const headers = { ...fault.headers, ...retryAfter };
  if (fault.errorsIn200) {
    const errors = [{ code: 5000010, title: 'Internal server error', detail: 'Server could not process the request.' }];
    return { ...jsonText(writeJson({ errors, data: null })), headers };
  }
  if (fault.body !== undefined) {
    const contentType = fault.body.startsWith('<') ? 'text/html' : 'application/json';
    return { status: fault.status ?? 200, body: fault.body, contentType, headers };
  }
  if (fault.status === undefined) return null;
  return { ...errorOf(fault.status), headers };
}

/** What a console says with a status: gateways speak HTML, the console itself JSON. */
function errorOf(status: number): Reply {
  const reason = REASONS[status];
  if (reason !== undefined && status !== 500) return gatewayPage(status, reason);
  const error = {
    401: [4010010, 'Authentication Failed'],
    403: [4030010, 'Insufficient permissions'],
    404: [4040010, 'Requested resource was not found'],
    500: [5000010, 'Internal server error'],
  }[status] ?? [status * 10_000 + 10, 'Error'];
  return jsonText(JSON.stringify({ errors: [{ code: error[0], title: error[1], detail: null }] }), status);
}

/** The `Date` header of a reply, or null when it has none. */
export function dateOf(fault: Fault | null, nowMs: number): string | null {
  if (fault?.dateHeader !== undefined) return fault.dateHeader;
  return new Date(nowMs + (fault?.dateSkewMs ?? 0)).toUTCString();
}

/** The body after the fault has cut it. */
export const cutBy = (fault: Fault, body: Buffer): Buffer =>
  fault.cutJson ? body.subarray(0, body.length >> 1) : body;

const NEXT_CURSOR = /"nextCursor":(?:null|"(?:[^"\\]|\\.)*")/g;

/** The reply with the cursor that was asked with as the one that leads on. */
export function repeating(reply: Reply, cursor: string): Reply {
  const body = reply.body.toString().replace(NEXT_CURSOR, () => `"nextCursor":${JSON.stringify(cursor)}`);
  return { ...reply, body };
}
