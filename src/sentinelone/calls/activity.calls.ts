// Activities: one page of a chain, the console's own count of a window, and the list of types.
import { z } from 'zod';
import type { BodyMemory } from '../http/body.js';
import type { Send } from '../http/request.js';
import { type ActivityQuery, countParameters, PAGE_LIMIT, pageParameters } from './activity-query.js';
import { badResponse, readEnvelope } from './envelope.js';
import type { RowReader } from './readable-rows.js';
import { type ActivityType, activityType } from './shapes.js';

/** A count at or above this may be cut off by SentinelOne: split the window. */
export const COUNT_CAP = 50_000;

/** What tells whether a chain of pages goes on. */
export interface PageEnd {
  readonly rowCount: number;
  readonly nextCursor: string | null;
  /** Called for a page that is refused after it was opened. */
  close?(): void;
}

export interface ActivityCalls {
  /**
   * The next page, oldest rows first, as `open` makes it of the reply's bytes, which are its own (and lie in `memory`,
   * for it to give back). Throws with `cursorRejected` when the cursor died: start again from the checkpoint.
   */
  pageOfActivities<Page extends PageEnd>(
    query: ActivityQuery,
    cursor: string | null,
    open: (bytes: Buffer) => Promise<Page> | Page,
    memory?: BodyMemory,
    limit?: number,
  ): Promise<Page>;
  /** The console's own count; untrustworthy from `COUNT_CAP` on. */
  countActivities(query: ActivityQuery): Promise<number>;
  listActivityTypes(): Promise<ActivityType[]>;
}

export const createActivityCalls = (send: Send, reader: RowReader): ActivityCalls => ({
  async pageOfActivities(query, cursor, open, memory, limit = PAGE_LIMIT) {
    const reply = await send({ endpoint: 'activities', query: pageParameters(query, { cursor, limit }), memory });
    const page = await open(reply.bytes);
    // An empty page that leads to itself would be asked for until the end of time.
    if (cursor !== null && page.rowCount === 0 && page.nextCursor === cursor) {
      page.close?.();
      throw badResponse('activities', 'The cursor leads to itself.');
    }
    return page;
  },
  async countActivities(query) {
    const reply = await send({ endpoint: 'activities', query: countParameters(query) });
    const { totalItems } = readEnvelope('activities', reply.text, z.unknown());
    if (totalItems === null) throw badResponse('activities', 'pagination.totalItems: expected a number');
    return totalItems;
  },
  async listActivityTypes() {
    const reply = await send({ endpoint: 'activities/types' });
    const { data } = readEnvelope('activities/types', reply.text, z.array(z.unknown()));
    return reader.read('activities/types', activityType, data);
  },
});
