// How columns are typed: an instant is text with six fraction digits, whatever the database sets may be left out.
import type { ColumnType } from 'kysely';

export type Instant = string;

/** Set by the database when left out. */
export type Defaulted<T> = ColumnType<T, T | undefined, T>;
