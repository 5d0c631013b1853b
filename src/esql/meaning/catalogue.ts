// What a query may speak of. The language knows no field by itself: whoever uses it hands this in.
import type { DataType } from '../values/data-type.js';

export interface CatalogueField {
  readonly name: string;
  readonly type: DataType;
  /** Whether a bare word is looked for here, because the field names a person, a machine, a file or the like. */
  readonly names?: boolean;
}

export interface Catalogue {
  /** What FROM may name. */
  readonly indices: readonly string[];
  readonly fields: readonly CatalogueField[];
  /** Beginnings of names that are fields whatever follows; they are there when a query names them. */
  readonly open: readonly { readonly prefix: string; readonly type: DataType }[];
  /** What METADATA may ask for. */
  readonly metadata: readonly CatalogueField[];
}
