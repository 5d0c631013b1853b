// Everybody who watches an account live. One listening connection serves all streams of the process; it is opened with
// the first stream. What is sent is ids within the caller's scope; who may still hear it is asked again when the
// account's access changes, and with each heartbeat.
import type { Request, Response } from 'express';
import { createCoalescer } from '../../changes/coalesce.js';
import { type ChangeEvent, type Changes, eventsFor, mergeChanges, RESYNC } from '../../domain/changes.js';
import { Problem } from '../../domain/failures/problem.js';
import type { Logger } from '../../log.js';
import { DeafToChanges, listenForChanges } from '../../store/change-channel.js';
import type { Database } from '../../store/database.js';
import type { Authenticator, Principal } from '../http/principal.js';

export interface ChangeHubOptions {
  readonly database: Database;
  /** Where it listens, when `database` leads through a pooler. */
  readonly listenDatabase?: Database | undefined;
  readonly deafAfterMs?: number;
  readonly authenticator: Authenticator;
  readonly log: Pick<Logger, 'warn'>;
  readonly heartbeatMs?: number;
  readonly maxStreamsPerAccount?: number;
  readonly maxStreamsPerCaller?: number;
}

const LOST = 'live changes cannot be heard for the moment; consoles are told when they can again';
const DEAF =
  'live changes are not heard, although PostgreSQL answers: a pooler is in between; API_LISTEN_DATABASE_URL has to lead past it';
/** Proxies commonly close what has been silent for a minute. */
const HEARTBEAT_MS = 15_000;
/** A stream per open console tab; far more than an account has analysts at this process. */
const MAX_STREAMS_PER_ACCOUNT = 100;
/** Nobody has as many tabs open, and nobody shuts the others of the account out. */
const MAX_STREAMS_PER_CALLER = 20;
/** A stream whose other side vanished without a word is found and dropped by a heartbeat. */
const RETRY_AFTER_SECONDS = HEARTBEAT_MS / 1000;
/** Each worker tells of an account once a second; several together must not tell it more often. */
const EVERY_MS = 1_000;
/** Somebody who does not read: events are a few hundred bytes. */
const MAX_UNREAD_BYTES = 256 * 1024;

export interface ChangeHub {
  /** Throws `rate_limited` when the caller or the account has too many streams already. */
  open(request: Request, response: Response, principal: Principal): void;
  close(): Promise<void>;
}

interface Stream {
  readonly request: Request;
  readonly response: Response;
  readonly principal: Principal;
}

export function createChangeHub(options: ChangeHubOptions): ChangeHub {
  const {
    database,
    listenDatabase = database,
    deafAfterMs,
    authenticator,
    log,
    heartbeatMs = HEARTBEAT_MS,
    maxStreamsPerAccount = MAX_STREAMS_PER_ACCOUNT,
    maxStreamsPerCaller = MAX_STREAMS_PER_CALLER,
  } = options;
  const streams = new Map<string, Set<Stream>>();
  let listening: { stop(): Promise<void> } | undefined;

  const streamsOf = (accountId: string): Set<Stream> => streams.get(accountId) ?? new Set();
  const keep = (stream: Stream) => {
    const { accountId } = stream.principal;
    streams.set(accountId, streamsOf(accountId).add(stream));
  };
  const drop = (stream: Stream) => {
    const { accountId } = stream.principal;
    const all = streamsOf(accountId);
    all.delete(stream);
    if (all.size === 0) streams.delete(accountId);
  };

  const askAgain = async (stream: Stream): Promise<boolean> => {
    // Not known now, because a store is away: then nothing can be heard either, and it is asked again.
    const isAllowed = await stillAllowed(authenticator, stream).catch(() => true);
    if (!isAllowed) stream.response.end();
    return isAllowed;
  };
  const tell = (accountId: string, changes: Changes) => {
    for (const stream of streamsOf(accountId)) {
      const deliver = () => {
        for (const event of eventsFor(changes, stream.principal.organizationIds)) write(stream, event);
      };
      if (changes.access === true) void askAgain(stream).then((isAllowed) => isAllowed && deliver());
      else deliver();
    }
  };
  const coalescer = createCoalescer<Changes>({ everyMs: EVERY_MS, merge: mergeChanges, deliver: tell });

  const listen = () => {
    const ears = { listenOn: listenDatabase, speakOn: database, ...(deafAfterMs !== undefined && { deafAfterMs }) };
    listening ??= listenForChanges(ears, {
      onChanges: (changes) => {
        if (streams.has(changes.accountId)) coalescer.add(changes.accountId, changes);
      },
      // Also when it listens for the first time: a stream may have begun before.
      onListening: () => {
        for (const all of streams.values()) for (const stream of all) write(stream, RESYNC);
      },
      onLost: (error) => log.warn({}, error instanceof DeafToChanges ? DEAF : LOST),
    });
  };

  const watch = (stream: Stream) => {
    const beat = setInterval(() => {
      if (stream.response.destroyed) drop(stream);
      else void askAgain(stream).then((isAllowed) => isAllowed && stream.response.write(': still here\n\n'));
    }, heartbeatMs).unref();
    stream.response.once('close', () => {
      clearInterval(beat);
      drop(stream);
    });
  };

  const requireRoom = ({ accountId, kind, id }: Principal) => {
    const all = [...streamsOf(accountId)];
    const own = all.filter(({ principal }) => principal.kind === kind && principal.id === id);
    const who = own.length >= maxStreamsPerCaller ? 'you have' : 'this account has';
    if (own.length < maxStreamsPerCaller && all.length < maxStreamsPerAccount) return;
    throw new Problem('rate_limited', `${who} too many live streams; close some, or read the lists instead`, {
      extra: { retryAfterSeconds: RETRY_AFTER_SECONDS },
    });
  };

  return {
    open(request, response, principal) {
      // Gone while it was being asked who they are: that it closes has been said already, and is never said again.
      if (response.closed) return;
      requireRoom(principal);
      const stream = { request, response, principal };
      keep(stream);
      watch(stream);
      response.status(200).set({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
      response.flushHeaders();
      response.write(': watching\n\n');
      listen();
    },
    async close() {
      coalescer.close();
      for (const all of [...streams.values()]) for (const { response } of [...all]) response.end();
      await listening?.stop();
    },
  };
}

/**
 * Signed out, revoked, expired, or seeing something else than before: the stream ends, and a new one begins as that.
 */
async function stillAllowed(authenticator: Authenticator, { request, principal }: Stream): Promise<boolean> {
  try {
    const now = await authenticator.authenticate(request);
    return now !== null && scopeOf(now) === scopeOf(principal);
  } catch (error) {
    if (error instanceof Problem && error.code !== 'store.unavailable') return false;
    throw error;
  }
}

const scopeOf = ({ accountId, role, organizationIds }: Principal): string =>
  JSON.stringify([accountId, role, organizationIds === 'all' ? 'all' : [...organizationIds].sort()]);

function write({ response }: Stream, { type, ids }: ChangeEvent): void {
  if (response.writableEnded) return;
  if (response.writableLength > MAX_UNREAD_BYTES) {
    response.destroy();
    return;
  }
  response.write(`event: ${type}\ndata: ${JSON.stringify({ ids })}\n\n`);
}
