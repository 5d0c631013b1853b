// Reads pages that have arrived: on threads in a worker (page-threads.ts), in place where there are none.
import type { BodyMemory } from '../../src/sentinelone/http/body.js';
import { type PageOutline, type PreparedPage, type PrepareRequest, ReceivedPage } from './prepare-page.js';

export interface PageReader {
  /** Where pages are best received, and what their `close` gives them back to. */
  readonly memory?: BodyMemory;
  /** Takes the page's bytes, which nobody else may use until it is closed. Throws `s1.bad_response` when they are no page. */
  open(bytes: Buffer): Promise<OpenPage>;
}

export interface OpenPage extends PageOutline {
  /** Once. */
  prepare(request: PrepareRequest): Promise<PreparedPage>;
  /** When nothing that came from the page is needed any more; harmless a second time. */
  close(): void;
}

export const readInPlace: PageReader = {
  async open(bytes) {
    const page = new ReceivedPage(bytes);
    return { ...page.outline, prepare: async (request) => page.prepare(request), close: () => undefined };
  },
};
