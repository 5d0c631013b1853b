// How columns are typed that many tables have: an instant is text with six fraction digits, what the database sets may
// be left out, and lists that are ordered by when their rows were made go on from a `CreatedKey`.
import type { ColumnType } from 'kysely';

export type Instant = string;

/** Set by the database when left out. */
export type Defaulted<T> = ColumnType<T, T | undefined, T>;

/** The place of a row in a list that is ordered by when its rows were made. */
export interface CreatedKey {
  readonly createdAt: Instant;
  readonly id: string;
}
