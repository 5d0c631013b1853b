// Every activity of the console, held as a few numbers a row: about 30 bytes, so that ten million fit. The JSON text is
// rendered from them on demand (render.ts). A row is known by its slot, the order in which it was added; `sorted` lists
// the slots by (createdAt, id), which is the order the API pages through, and late rows are merged into it.
import { readSnowflake, SEQUENCE_MASK, snowflake } from '../world/ids.js';
import { mix } from '../world/random.js';

/** `kind` of a row whose text was given by a test instead of being rendered. */
export const RAW_KIND = 0xffff;
export const NONE = -1;

export interface NewRow {
  readonly createdAtMicros: number;
  readonly kind: number;
  readonly account: number;
  readonly site: number;
  readonly agent: number;
  readonly hidden: boolean;
  /** The slot of the threat that a follow-up row speaks about; its own slot when the row is the threat. */
  readonly threatSlot: number;
}

/** A row as a test gave it: the text is served untouched, the rest is what filters and the ground truth look at. */
export interface RawRow {
  readonly text: string;
  readonly id: string | null;
  readonly siteId: string | null;
  readonly agentId: string | null;
  readonly activityType: number | null;
}

const FIRST_CAPACITY = 4096;

export class ActivityLog {
  size = 0;
  readonly raw = new Map<number, RawRow>();
  sorted = new Uint32Array(FIRST_CAPACITY);
  createdAtMicros = new Float64Array(FIRST_CAPACITY);
  kind = new Uint16Array(FIRST_CAPACITY);
  account = new Int16Array(FIRST_CAPACITY);
  site = new Int32Array(FIRST_CAPACITY);
  agent = new Int32Array(FIRST_CAPACITY);
  threatSlot = new Int32Array(FIRST_CAPACITY);
  hidden = new Uint8Array(FIRST_CAPACITY);
  private readonly slotsByRawId = new Map<string, number>();

  constructor(readonly seed: number) {}

  /** Adds rows in any order of time and returns the first slot; the rest follow it. */
  append(rows: Iterable<NewRow>): number {
    const first = this.size;
    for (const row of rows) {
      if (this.size === this.kind.length) this.grow();
      const slot = this.size;
      this.createdAtMicros[slot] = row.createdAtMicros;
      this.kind[slot] = row.kind;
      this.account[slot] = row.account;
      this.site[slot] = row.site;
      this.agent[slot] = row.agent;
      this.hidden[slot] = row.hidden ? 1 : 0;
      this.threatSlot[slot] = row.threatSlot;
      this.size += 1;
    }
    this.sortIn(first);
    return first;
  }

  appendRaw(row: NewRow, raw: RawRow): number {
    this.raw.set(this.size, raw);
    if (raw.id !== null) this.slotsByRawId.set(raw.id, this.size);
    return this.append([row]);
  }

  at = (column: Float64Array | Uint32Array | Uint16Array | Int16Array | Int32Array | Uint8Array, n: number): number =>
    column[n] ?? NONE;

  /** An id is made some milliseconds before its row is inserted, so ids do not sort exactly as createdAt does. */
  idMs(slot: number): number {
    const h = mix(this.seed ^ 0x1d, slot);
    const behindMs = h % 200 === 0 ? h % 21 : h % 3;
    return Math.floor(this.at(this.createdAtMicros, slot) / 1000) - behindMs;
  }

  /** A raw row has the id that its text states, which may be none. */
  idOf(slot: number): string | null {
    const raw = this.raw.get(slot);
    return raw === undefined ? snowflake(this.idMs(slot), slot & SEQUENCE_MASK) : raw.id;
  }

  /** The slot of an id, found from the id's own low bits instead of an index. */
  slotOf(id: string): number {
    const known = this.slotsByRawId.get(id);
    if (known !== undefined) return known;
    const parts = readSnowflake(id);
    if (parts === null) return NONE;
    for (let slot = parts.sequence; slot < this.size; slot += SEQUENCE_MASK + 1) {
      if (!this.raw.has(slot) && this.idMs(slot) === parts.ms) return slot;
    }
    return NONE;
  }

  compare = (a: number, b: number): number =>
    this.at(this.createdAtMicros, a) - this.at(this.createdAtMicros, b) || this.idMs(a) - this.idMs(b) || a - b;

  compareIds = (a: number, b: number): number =>
    this.idMs(a) - this.idMs(b) || (a & SEQUENCE_MASK) - (b & SEQUENCE_MASK) || a - b;

  /** The first place in `sorted` whose row was created at or after an instant. */
  placeOf(micros: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(this.createdAtMicros, this.at(this.sorted, middle)) < micros) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A row's place among the first `sortedSize` of `sorted`: where it is, or where it is to be put in. */
  placeOfSlot(slot: number, sortedSize = this.size): number {
    let low = 0;
    let high = sortedSize;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(this.at(this.sorted, middle), slot) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private sortIn(first: number): void {
    if (this.size - first === 1) return this.sortOne(first);
    const added = Uint32Array.from({ length: this.size - first }, (_, n) => first + n);
    if (added.some((slot, n) => n > 0 && this.compare(slot - 1, slot) > 0)) added.sort(this.compare);
    let old = first - 1;
    let write = this.size - 1;
    for (let n = added.length - 1; n >= 0; n -= 1) {
      const slot = this.at(added, n);
      while (old >= 0 && this.compare(this.at(this.sorted, old), slot) > 0) {
        this.sorted[write] = this.at(this.sorted, old);
        old -= 1;
        write -= 1;
      }
      this.sorted[write] = slot;
      write -= 1;
    }
  }

  /** One row, as the live feed adds them: found by binary search and moved in by one copy. */
  private sortOne(slot: number): void {
    const isLast = slot === 0 || this.compare(this.at(this.sorted, slot - 1), slot) < 0;
    const place = isLast ? slot : this.placeOfSlot(slot, slot);
    this.sorted.copyWithin(place + 1, place, slot);
    this.sorted[place] = slot;
  }

  private grow(): void {
    const capacity = this.kind.length * 2;
    const copy = <T extends { set(source: T): void }>(bigger: T, old: T): T => {
      bigger.set(old);
      return bigger;
    };
    this.sorted = copy(new Uint32Array(capacity), this.sorted);
    this.createdAtMicros = copy(new Float64Array(capacity), this.createdAtMicros);
    this.kind = copy(new Uint16Array(capacity), this.kind);
    this.account = copy(new Int16Array(capacity), this.account);
    this.site = copy(new Int32Array(capacity), this.site);
    this.agent = copy(new Int32Array(capacity), this.agent);
    this.threatSlot = copy(new Int32Array(capacity), this.threatSlot);
    this.hidden = copy(new Uint8Array(capacity), this.hidden);
  }
}
