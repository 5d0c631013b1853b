// The thread's side of `page-pool.ts`: keeps opened pages until they are prepared or closed.
import { parentPort } from 'node:worker_threads';
import { type ActivityPage, parseActivityPage } from '../../src/sentinelone/calls/activity-page.js';
import { SentinelOneError } from '../../src/sentinelone/sentinelone-error.js';
import { movedBytes, type PackedPage, packPage } from './packed-page.js';
import { outlineOf, type PageOutline, type Preparation, preparePage } from './prepare-page.js';

export type ToThread =
  | { readonly page: number; readonly kind: 'open'; readonly bytes: Uint8Array }
  | { readonly page: number; readonly kind: 'prepare'; readonly preparation: Preparation }
  | { readonly page: number; readonly kind: 'close' };

export type FromThread =
  | { readonly page: number; readonly kind: 'opened'; readonly outline: PageOutline }
  | { readonly page: number; readonly kind: 'prepared'; readonly packed: PackedPage }
  | { readonly page: number; readonly kind: 'failed'; readonly failure: BadPage | { readonly reason: string } };

/** A SentinelOneError loses its properties on the way from thread to thread. */
export type BadPage = Pick<SentinelOneError, 'code' | 'endpoint' | 'status' | 'detail'>;

const pages = new Map<number, ActivityPage>();

parentPort?.on('message', (message: ToThread) => {
  try {
    answer(message);
  } catch (error) {
    pages.delete(message.page);
    send({ page: message.page, kind: 'failed', failure: failureOf(error) });
  }
});

function answer(message: ToThread): void {
  const { page } = message;
  if (message.kind === 'open') {
    const { buffer, byteOffset, length } = message.bytes;
    const opened = parseActivityPage(Buffer.from(buffer, byteOffset, length));
    pages.set(page, opened);
    send({ page, kind: 'opened', outline: outlineOf(opened) });
    return;
  }
  const opened = pages.get(page);
  pages.delete(page);
  if (message.kind === 'close') return;
  if (opened === undefined) throw new Error('no such page is open');
  const packed = packPage(preparePage(opened, message.preparation));
  send({ page, kind: 'prepared', packed }, movedBytes(packed));
}

function send(message: FromThread, moved: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved);
}

function failureOf(error: unknown): BadPage | { readonly reason: string } {
  if (!(error instanceof SentinelOneError)) return { reason: error instanceof Error ? error.message : typeof error };
  const { code, endpoint, status, detail } = error;
  return { code, endpoint, status, detail };
}
