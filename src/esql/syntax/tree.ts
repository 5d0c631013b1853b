// A query as it was read: what was written, with its place in the text. Nothing is known here about columns or types.
import type { Span } from '../text/span.js';

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

export type Constant = string | number | bigint | boolean | null;

export type Expression = Span &
  (
    | { readonly kind: 'constant'; readonly type: ConstantType; readonly value: Constant }
    /** In brackets; all of one type. */
    | { readonly kind: 'list'; readonly type: ConstantType; readonly values: readonly Constant[] }
    | { readonly kind: 'interval'; readonly amount: number; readonly unit: string }
    | { readonly kind: 'column'; readonly name: string }
    /** `?`, `?name`, `?1`: the name, the number, or for `?` how many came before it, plus one. */
    | { readonly kind: 'parameter'; readonly key: string | number }
    | { readonly kind: 'call'; readonly name: string; readonly star: boolean; readonly args: readonly Expression[] }
    | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
    | { readonly kind: 'not'; readonly operand: Expression }
    | { readonly kind: 'negate'; readonly operand: Expression }
    | {
        readonly kind: 'comparison';
        readonly operator: ComparisonOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'arithmetic';
        readonly operator: ArithmeticOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Expression[] }
    | { readonly kind: 'is null'; readonly value: Expression; readonly negated: boolean }
    | {
        readonly kind: 'like' | 'rlike';
        readonly value: Expression;
        readonly patterns: readonly PatternText[];
        /** Whether the patterns stand in parentheses. */
        readonly inList: boolean;
      }
    | { readonly kind: 'cast'; readonly value: Expression; readonly type: string; readonly typeSpan: Span }
    | { readonly kind: 'match'; readonly value: Expression; readonly query: Expression }
    /** A bare word or quoted value: true for every event that names it. */
    | { readonly kind: 'names'; readonly text: string }
  );

export type ConstantType = 'keyword' | 'integer' | 'long' | 'double' | 'boolean' | 'null';

export interface PatternText extends Span {
  readonly text: string;
}

export interface Name extends Span {
  readonly name: string;
}

/** `name = expression`, or an expression whose column is called by its text. */
export interface NamedExpression extends Span {
  readonly name: Name | null;
  readonly expression: Expression;
}

export interface Aggregate extends NamedExpression {
  readonly condition: Expression | null;
}

/** The parts between dots are one text here; `*` stands for any run of characters unless it was quoted. */
export interface ColumnPattern extends Span {
  /** Null: it has no `*` and is a name. */
  readonly pieces: readonly string[] | null;
  /** The name, or the pattern as it was written. */
  readonly text: string;
}

export interface SortKey extends Span {
  readonly expression: Expression;
  readonly descending: boolean;
  /** Null: last when ascending, first when descending. */
  readonly nullsFirst: boolean | null;
}

export type Command = Span &
  (
    | { readonly kind: 'from'; readonly sources: readonly Name[]; readonly metadata: readonly Name[] }
    | { readonly kind: 'row'; readonly fields: readonly NamedExpression[] }
    | { readonly kind: 'where'; readonly condition: Expression }
    | { readonly kind: 'keep' | 'drop'; readonly patterns: readonly ColumnPattern[] }
    | { readonly kind: 'rename'; readonly renames: readonly { readonly from: Name; readonly to: Name }[] }
    | { readonly kind: 'eval'; readonly fields: readonly NamedExpression[] }
    | { readonly kind: 'sort'; readonly keys: readonly SortKey[] }
    | { readonly kind: 'limit'; readonly count: number }
    | {
        readonly kind: 'stats';
        readonly aggregates: readonly Aggregate[];
        readonly groups: readonly NamedExpression[];
      }
    | { readonly kind: 'expand'; readonly column: Name }
  );

export interface Query {
  readonly text: string;
  /** The first is `from` or `row`. */
  readonly commands: readonly Command[];
}
