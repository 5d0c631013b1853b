// Whether a chain of pages gets anywhere. A cursor that comes again with the same rows leads in a circle, and so do
// cursors that are new each time while the rows are not. The same cursor with other rows is none: some consoles keep
// one for the whole chain.
import { createHash } from 'node:crypto';
import { badResponse } from '../../src/sentinelone/calls/envelope.js';
import type { PageOutline } from '../pages/prepare-page.js';

/** A page may come twice when rows are added meanwhile, or when it holds a single row. */
const SAME_ROWS = 3;
/** In a row; a console that filters after paging may have some. */
const EMPTY_PAGES = 100;

export class PlaceWatch {
  private readonly places = new Set<string>();
  private readonly rows = new Map<string, number>();
  private empty = 0;

  /** Throws `s1.bad_response`, to begin again from the checkpoint, when the page leads nowhere new. */
  look({ rowCount, keyCount, range, nextCursor }: PageOutline): void {
    if (nextCursor === null) return;
    const rows = hash(JSON.stringify([rowCount, keyCount, range]));
    const place = hash(`${rows} ${nextCursor}`);
    const times = range === null ? 0 : (this.rows.get(rows) ?? 0) + 1;
    this.empty = rowCount === 0 ? this.empty + 1 : 0;
    if (this.places.has(place) || times >= SAME_ROWS || this.empty >= EMPTY_PAGES) {
      throw badResponse('activities', 'The cursor leads nowhere new.', { cursorRejected: true });
    }
    this.places.add(place);
    if (range !== null) this.rows.set(rows, times);
  }
}

const hash = (text: string): string => createHash('sha1').update(text).digest('base64');
