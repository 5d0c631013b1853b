// Values in PostgreSQL's binary form, one after the other in a growing buffer: a length before each, nothing escaped.
import type { PlainBytes } from '../../domain/collecting/activity.js';
import { MICROS_PER_MS } from '../../domain/instant.js';

/**
 * What a column takes: an instant in microseconds since 1970; PostgreSQL refuses a value whose length its type does not
 * have.
 */
export interface CopyTypes {
  readonly uuid: string;
  readonly text: string | PlainBytes;
  readonly 'text[]': readonly string[];
  readonly int4: number;
  readonly int2: number;
  readonly bool: boolean;
  readonly timestamptz: number;
}

export type CopyType = keyof CopyTypes;
export type CopyValue = CopyTypes[CopyType] | null;

/** `fields`: several columns whose values were encoded before. */
export type ColumnType = CopyType | 'fields';

const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
/** A UTF-16 unit needs at most three bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;
/** Up to here a loop over the characters is faster than a call out of JavaScript. */
const SHORT_TEXT = 48;
const LAST_ASCII = 0x7f;
const POSTGRES_EPOCH_MICROS = Date.UTC(2000, 0, 1) * MICROS_PER_MS;
const TWO_TO_32 = 2 ** 32;

/** Never part of Node's pool: what is written may be kept for long, or be moved to another thread. */
export const bufferOf = (bytes: number): Buffer => Buffer.allocUnsafeSlow(bytes);

/** Up to here a loop over the bytes is faster than a copy, for which Node makes a view of them. */
const SHORT_BYTES = 64;

export class FieldWriter {
  used = 0;
  /** Of the buffer: writes a number without the checks of Buffer's own methods. */
  private view: DataView;

  /** Few different UUIDs come again in every row: each is kept as it is written. */
  constructor(
    private buffer: Buffer,
    private readonly uuids: Map<string, Buffer>,
  ) {
    this.view = viewOf(buffer);
  }

  written = (): Buffer => this.buffer.subarray(0, this.used);

  /** What was written since; later writing leaves it as it is. */
  since = (from: number): PlainBytes => ({ bytes: this.buffer, from, to: this.used });

  addValues(types: readonly ColumnType[], values: readonly CopyValue[]): void {
    for (let n = 0; n < types.length; n++) {
      const value = values[n];
      if (value === null || value === undefined) this.addInt32(NULL_LENGTH);
      else this.addValue(types[n]!, value);
    }
  }

  addInt16(value: number): void {
    this.makeRoom(2);
    this.view.setInt16(this.used, value);
    this.used += 2;
  }

  addBytes(bytes: Buffer, from = 0, to = bytes.length): void {
    const length = to - from;
    this.makeRoom(length);
    const { buffer, used } = this;
    if (length > SHORT_BYTES) bytes.copy(buffer, used, from, to);
    else for (let n = 0; n < length; n++) buffer[used + n] = bytes[from + n]!;
    this.used += length;
  }

  private addValue(type: ColumnType, value: NonNullable<CopyValue>): void {
    switch (type) {
      case 'text':
        return typeof value === 'string' ? this.addText(value) : this.addSlice(value as PlainBytes);
      case 'uuid':
        return this.addUuid(value as string);
      case 'text[]':
        return this.addBytes(encodedArray(value as readonly string[]));
      case 'int4':
        this.addInt32(4);
        return this.addInt32(whole(value as number, 32));
      case 'int2':
        this.addInt32(2);
        return this.addInt16(whole(value as number, 16));
      case 'bool':
        this.addInt32(1);
        this.makeRoom(1);
        this.buffer[this.used++] = value === true ? 1 : 0;
        return;
      case 'timestamptz':
        return this.addInstant(value as number);
      case 'fields': {
        const { bytes, from, to } = value as PlainBytes;
        return this.addBytes(bytes, from, to);
      }
    }
  }

  private addInt32(value: number): void {
    this.makeRoom(4);
    this.view.setInt32(this.used, value);
    this.used += 4;
  }

  private addInstant(micros: number): void {
    const sinceEpoch = micros - POSTGRES_EPOCH_MICROS;
    if (!Number.isSafeInteger(sinceEpoch)) throw new RangeError(`not an instant in microseconds: ${micros}`);
    const upper = Math.floor(sinceEpoch / TWO_TO_32);
    this.addInt32(8);
    this.addInt32(upper);
    this.makeRoom(4);
    this.view.setUint32(this.used, sinceEpoch - upper * TWO_TO_32);
    this.used += 4;
  }

  private addText(text: string): void {
    this.makeRoom(LENGTH_BYTES + text.length * MAX_BYTES_PER_UNIT);
    const from = this.used + LENGTH_BYTES;
    const length = text.length <= SHORT_TEXT ? this.writeShort(text, from) : this.buffer.write(text, from);
    this.view.setInt32(this.used, length);
    this.used = from + length;
  }

  private writeShort(text: string, from: number): number {
    const { buffer } = this;
    for (let n = 0; n < text.length; n++) {
      const code = text.charCodeAt(n);
      if (code > LAST_ASCII) return buffer.write(text, from);
      buffer[from + n] = code;
    }
    return text.length;
  }

  private addSlice({ bytes, from, to }: PlainBytes): void {
    this.addInt32(to - from);
    this.addBytes(bytes, from, to);
  }

  addUuid(uuid: string): void {
    let encoded = this.uuids.get(uuid);
    if (encoded === undefined) {
      encoded = encodeUuid(uuid);
      this.uuids.set(uuid, encoded);
    }
    this.addBytes(encoded);
  }

  private makeRoom(bytes: number): void {
    if (this.used + bytes <= this.buffer.length) return;
    const bigger = bufferOf((this.used + bytes) * 2);
    this.buffer.copy(bigger, 0, 0, this.used);
    this.buffer = bigger;
    this.view = viewOf(bigger);
  }
}

/** The value, when it is a whole number of so many bits: a DataView would cut off what does not fit. */
function whole(value: number, bits: 16 | 32): number {
  if (value !== (value << (32 - bits)) >> (32 - bits)) {
    throw new RangeError(`not a whole number of ${bits} bits: ${value}`);
  }
  return value;
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

function encodeUuid(uuid: string): Buffer {
  if (!UUID.test(uuid)) throw new RangeError(`not a UUID: ${uuid.slice(0, 40)}`);
  return withLength(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
}

const TEXT_OID = 25;
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const withLength = (bytes: Buffer): Buffer => Buffer.concat([int32(bytes.length), bytes]);

/** Event categories and types are the same few arrays again and again. */
const encodedArrays = new WeakMap<readonly string[], Buffer>();

function encodedArray(values: readonly string[]): Buffer {
  let encoded = encodedArrays.get(values);
  if (encoded === undefined) {
    encoded = withLength(encodeArray(values));
    encodedArrays.set(values, encoded);
  }
  return encoded;
}

/**
 * Dimensions, whether there are nulls, the elements' type; for the one dimension its length and first index; the
 * elements.
 */
function encodeArray(values: readonly string[]): Buffer {
  const start = [values.length === 0 ? 0 : 1, 0, TEXT_OID];
  const dimension = values.length === 0 ? [] : [values.length, 1];
  return Buffer.concat([
    ...[...start, ...dimension].map(int32),
    ...values.map((value) => withLength(Buffer.from(value))),
  ]);
}
