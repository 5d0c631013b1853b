// One raw SentinelOne activity as the rest of the product sees it: the text as it came and the value parsed from it.

/**
 * The parsed form. Every field may be missing or null; `data` is free and differs by type. Integers above 2^53 are
 * strings.
 */
export interface ActivityValue {
  readonly id?: unknown;
  readonly activityUuid?: unknown;
  readonly activityType?: unknown;
  readonly createdAt?: unknown;
  readonly updatedAt?: unknown;
  readonly accountId?: unknown;
  readonly accountName?: unknown;
  readonly siteId?: unknown;
  readonly siteName?: unknown;
  readonly groupId?: unknown;
  readonly groupName?: unknown;
  readonly agentId?: unknown;
  readonly agentUpdatedVersion?: unknown;
  readonly userId?: unknown;
  readonly threatId?: unknown;
  readonly hash?: unknown;
  readonly osFamily?: unknown;
  readonly primaryDescription?: unknown;
  readonly secondaryDescription?: unknown;
  readonly description?: unknown;
  readonly comments?: unknown;
  readonly data?: unknown;
  readonly [key: string]: unknown;
}

/** A part of some bytes that is valid UTF-8 and can be stored as it is. */
export interface PlainBytes {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** An activity's id and time, letter for letter as they stand in its text: nobody has checked them. */
export interface ActivityKey {
  readonly id: string;
  readonly createdAt: string;
}

export interface RawActivity {
  /** The activity's own JSON text, cut from the page as it came: nothing re-serialised, no digit lost. */
  readonly text: string;
  /** The same text as part of the page's bytes, where nothing in it would have to be cleaned: nearly always. */
  readonly plain?: PlainBytes;
  /** The same, parsed once. Not an object when SentinelOne sent something else in the list. */
  readonly value: ActivityValue;
}
