// What a query does, as a list of commands. Everything is plain, immutable data: it can be sent to a thread, and cut in
// two behind any command, because each says which columns it hands on.
import type { DataType } from '../values/data-type.js';
import type { BoundExpression, Origin } from './expression.js';

export interface Column {
  readonly name: string;
  readonly type: DataType;
}

export interface Plan {
  readonly source: Source;
  readonly commands: readonly Command[];
  /** Of the result. */
  readonly columns: readonly Column[];
}

export type Source =
  /** `columns`: the fields that the commands or the result need, and no others. */
  | { readonly kind: 'from'; readonly indices: readonly string[]; readonly columns: readonly Column[] }
  /** One row without columns; an `eval` that follows makes them. */
  | { readonly kind: 'row'; readonly columns: readonly Column[] };

export type Command = { readonly output: readonly Column[] } & (
  | { readonly kind: 'where'; readonly condition: BoundExpression }
  /**
   * In their order: each sees those before it. Names are distinct; one that comes in is replaced and moves to the end.
   */
  | { readonly kind: 'eval'; readonly fields: readonly NamedBound[] }
  /** KEEP, DROP and RENAME. */
  | { readonly kind: 'project'; readonly columns: readonly { readonly from: string; readonly to: string }[] }
  | { readonly kind: 'sort'; readonly keys: readonly SortKey[] }
  | { readonly kind: 'limit'; readonly count: number }
  | StatsCommand
  | { readonly kind: 'expand'; readonly column: string }
);

/** First the aggregates' columns, then the groups'. */
export interface StatsCommand {
  readonly kind: 'stats';
  readonly aggregates: readonly AggregateCall[];
  readonly groups: readonly NamedBound[];
}

export interface NamedBound {
  readonly name: string;
  readonly expression: BoundExpression;
}

export interface AggregateCall {
  readonly name: string;
  readonly fn: string;
  readonly type: DataType;
  /** None: COUNT(*). */
  readonly args: readonly BoundExpression[];
  /** Only rows for which it is true. */
  readonly condition: BoundExpression | null;
  readonly at: Origin;
}

export interface SortKey {
  readonly expression: BoundExpression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}
