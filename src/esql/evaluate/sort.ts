// SORT. A list sorts by its least value, descending by its greatest.
import { best } from '../functions/numbers.js';
import type { Column, SortKey } from '../plan/plan.js';
import { comparator } from '../values/compare.js';
import { elements, type Row, type Scalar } from '../values/value.js';
import { compile } from './compile.js';
import { collecting, type Stage } from './stage.js';
import type { Warnings } from './warnings.js';

interface Sortable {
  readonly row: Row;
  readonly keys: readonly (Scalar | null)[];
}

/** Rows that are equal stay in their order. `most`: a LIMIT follows, and no more rows than that have to be kept. */
export function sorting(
  keys: readonly SortKey[],
  most: number | null,
  columns: readonly Column[],
  warnings: Warnings,
): Stage {
  const orders = keys.map(keyOrder);
  const compiled = keys.map(({ expression }) => compile(expression, columns, warnings));
  const rows: Sortable[] = [];
  const compare = (a: Sortable, b: Sortable): number => {
    for (const [index, order] of orders.entries()) {
      const result = order.compare(a.keys[index] ?? null, b.keys[index] ?? null);
      if (result !== 0) return result;
    }
    return 0;
  };
  const cut = () => {
    rows.sort(compare);
    if (most !== null) rows.length = Math.min(rows.length, most);
  };
  return collecting(
    (row) => {
      rows.push({ row, keys: orders.map(({ keyOf }, index) => keyOf(elements(compiled[index]?.(row) ?? null))) });
      // Sorting once for as many rows as are kept costs no more than finding the place of each.
      if (most !== null && rows.length >= 2 * most + 1024) cut();
    },
    () => {
      cut();
      return rows.map(({ row }) => row);
    },
  );
}

function keyOrder({ expression, descending, nullsFirst }: SortKey) {
  const compare = comparator(expression.type);
  const sign = descending ? -1 : 1;
  return {
    keyOf: (values: readonly Scalar[]) => best(values, (a, b) => -sign * compare(a, b)),
    compare: (a: Scalar | null, b: Scalar | null): number => {
      if (a === null || b === null) return a === b ? 0 : (a === null) === nullsFirst ? -1 : 1;
      return sign * compare(a, b);
    },
  };
}
