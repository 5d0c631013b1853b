// When two rows are the same activity. SentinelOne gives an id once, and writes a row's time with six fraction digits
// in one reply and perhaps with three or none in another, cut or rounded. So the same id less than a second apart is
// the same activity, although the database's unique key, which holds the time, takes it for two.
import { MICROS_PER_SECOND } from '../instant.js';

/** The coarsest time that can still be read is one of whole seconds. */
export const MICROS_OF_ONE_ACTIVITY = MICROS_PER_SECOND;

export interface ActivityIdentity {
  readonly id: string;
  readonly createdAtMicros: number;
}

interface Entry<Value> {
  readonly micros: number;
  readonly value: Value;
  /** Of the same id at another time, which SentinelOne does not give. */
  readonly next: Entry<Value> | undefined;
}

/** What is known of activities, found by any way of writing their times. */
export class ActivityMap<Value> {
  private readonly entries = new Map<string, Entry<Value>>();

  set({ id, createdAtMicros: micros }: ActivityIdentity, value: Value): this {
    this.entries.set(id, { micros, value, next: this.entries.get(id) });
    return this;
  }

  get({ id, createdAtMicros }: ActivityIdentity): Value | undefined {
    for (let entry = this.entries.get(id); entry !== undefined; entry = entry.next) {
      if (Math.abs(entry.micros - createdAtMicros) < MICROS_OF_ONE_ACTIVITY) return entry.value;
    }
    return undefined;
  }

  has = (activity: ActivityIdentity): boolean => this.get(activity) !== undefined;
}
