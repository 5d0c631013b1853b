// Reads pages that have arrived: on threads in a worker (page-threads.ts), in place where there are none.
import { ReceivedPage, type PageOutline, type PreparedPage, type PrepareRequest } from './prepare-page.js';

export interface PageReader {
  /** Takes the page's bytes, which nobody else may use from now on. Throws `s1.bad_response` when they are no page. */
  open(bytes: Buffer): Promise<OpenPage>;
}

export interface OpenPage extends PageOutline {
  /** Once. */
  prepare(request: PrepareRequest): Promise<PreparedPage>;
  /** For a page that nobody will prepare; harmless after `prepare`. */
  close(): void;
}

export const readInPlace: PageReader = {
  async open(bytes) {
    const page = new ReceivedPage(bytes);
    return { ...page.outline, prepare: async (request) => page.prepare(request), close: () => undefined };
  },
};
