// The columns that a command sees, in their order.
import type { Column } from '../plan/plan.js';
import type { DataType } from '../values/data-type.js';

export interface ScopeColumn {
  readonly type: DataType;
  /** Whether it comes from an event as it is, so that `:` can look into it. */
  readonly isField: boolean;
}

export type Scope = ReadonlyMap<string, ScopeColumn>;

export const columnsOf = (scope: Scope): Column[] => [...scope].map(([name, { type }]) => ({ name, type }));

/** A column that was there already goes to the end. */
export function withColumn(scope: Map<string, ScopeColumn>, name: string, column: ScopeColumn): void {
  scope.delete(name);
  scope.set(name, column);
}
