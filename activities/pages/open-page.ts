// A page that has arrived and is being read: on a thread of the worker's pool (page-pool.ts), or in place where there
// is none.
import { parseActivityPage } from '../../src/sentinelone/calls/activity-page.js';
import type { BodyMemory } from '../../src/sentinelone/http/body.js';
import type { PreparedPage } from '../../src/store/ingest/page.js';
import { outlineOf, type PageOutline, type Preparation, preparePage } from './prepare-page.js';

export interface OpenPage extends PageOutline {
  /** Once. Throws `s1.bad_response` when a row that it reads is no JSON. */
  prepare(preparation: Preparation): Promise<PreparedPage>;
  /** When nothing that came from the page is needed any more; harmless a second time. */
  close(): void;
}

export interface PageReader {
  /** Where pages are best received, and what their `close` gives them back to. */
  readonly memory?: BodyMemory;
  /**
   * Takes the page's bytes, which nobody else may use until it is closed. Throws `s1.bad_response` when they are no
   * page.
   */
  open(bytes: Buffer): Promise<OpenPage>;
}

export const readInPlace: PageReader = {
  async open(bytes) {
    const page = parseActivityPage(bytes);
    return {
      ...outlineOf(page),
      prepare: async (preparation) => preparePage(page, preparation),
      close: () => undefined,
    };
  },
};
