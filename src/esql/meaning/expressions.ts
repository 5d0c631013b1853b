// Expressions as they were read into expressions of a plan: columns found, types checked, constants worked out. Each
// part is resolved even when another cannot be, so that all problems are told.
import { conversionTo } from '../functions/conversion.js';
import { scalarFunction } from '../functions/table.js';
import { type BoundExpression, type Literal, literalInterval, NULL } from '../plan/expression.js';
import { notSupported, REFUSED_TYPES } from '../syntax/refused.js';
import type { Expression } from '../syntax/tree.js';
import type { Span } from '../text/span.js';
import { CAST_TYPES, type DataType, isNumeric } from '../values/data-type.js';
import { interval, negated } from '../values/interval.js';
import { INTEGER_MAX, INTEGER_MIN } from '../values/long.js';
import { listOf } from '../values/value.js';
import { checkedArguments, mustBe } from './arguments.js';
import { arithmeticPair, comparedPair, type Pair } from './binary.js';
import { bindCall, type Binding, type Place } from './calls.js';
import type { Context, ParameterValue } from './context.js';
import { folded } from './fold.js';
import { converted, type Placed } from './literals.js';

type Of<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;

/** Null: there is a problem, which has been said. */
export function bind(expression: Expression, place: Place, context: Context): BoundExpression | null {
  return new Binder(place, context).bind(expression);
}

class Binder implements Binding {
  constructor(
    readonly place: Place,
    readonly context: Context,
  ) {}

  bind(expression: Expression): BoundExpression | null {
    switch (expression.kind) {
      case 'constant':
        return { kind: 'literal', type: expression.type, value: expression.value };
      case 'list':
        return {
          kind: 'literal',
          type: expression.type,
          value: listOf(expression.values.filter((each) => each !== null)),
        };
      case 'interval':
        return intervalLiteral(expression);
      case 'column':
        return this.column(expression);
      case 'parameter':
        return this.parameter(expression);
      case 'call':
        return bindCall(expression, this);
      case 'and':
      case 'or':
      case 'not':
        return this.logic(expression);
      case 'negate':
        return this.negation(expression);
      case 'comparison':
        return this.pair(expression, comparedPair);
      case 'arithmetic':
        return this.pair(expression, arithmeticPair);
      case 'in':
        return this.membership(expression);
      case 'is null':
        return this.known(expression, expression.negated ? 'is_not_null' : 'is_null', [expression.value]);
      case 'like':
      case 'rlike':
        return this.likeness(expression);
      case 'cast':
        return this.cast(expression);
      case 'match':
        return this.match(expression);
      case 'names':
        return this.names(expression);
    }
  }

  placed(expression: Expression): Placed | null {
    const bound = this.bind(expression);
    return bound === null ? null : { expression: bound, span: expression };
  }

  /** All of them, or null when one has a problem. */
  allPlaced(expressions: readonly Expression[]): readonly Placed[] | null {
    const placed = expressions.map((each) => this.placed(each));
    const complete = placed.filter((each) => each !== null);
    return complete.length === placed.length ? complete : null;
  }

  private column(column: Of<'column'>): BoundExpression | null {
    if (this.place.column !== undefined) return this.place.column(column);
    const found = this.place.scope.get(column.name);
    if (found === undefined) return this.context.unknownColumn(column.name, column, this.place.scope);
    return { kind: 'column', type: found.type, name: column.name };
  }

  private parameter({ key, start, end }: Of<'parameter'>): BoundExpression | null {
    const { parameters } = this.context.options;
    const found = typeof key === 'number' ? parameters[key - 1] : parameters.find(({ name }) => name === key);
    if (found !== undefined) return parameterLiteral(found.value);
    return typeof key === 'number'
      ? this.context.problem(
          { start, end },
          `No parameter is defined for position ${key}, did you mean any position between 1 and ${parameters.length}?`,
        )
      : this.context.unknown(
          'query parameter',
          key,
          { start, end },
          parameters.flatMap(({ name }) => name ?? []),
        );
  }

  /** A call, with its place for warnings, worked out if it is constant. */
  made(span: Span, fn: string, type: DataType, args: readonly BoundExpression[]): BoundExpression {
    return folded({ kind: 'call', fn, type, args, at: this.context.origin(span) });
  }

  /** An operator that is a function of the table, by the table's own rules. */
  private known(span: Span, fn: string, operands: readonly Expression[]): BoundExpression | null {
    const placed = this.allPlaced(operands);
    if (placed === null) return null;
    const definition = scalarFunction(fn);
    const args = checkedArguments(definition, span, placed, this.context);
    return args === null ? null : this.made(span, fn, definition.returns(args.map(({ type }) => type)), args);
  }

  private logic(expression: Of<'and' | 'or' | 'not'>): BoundExpression | null {
    const operands = 'operands' in expression ? expression.operands : [expression.operand];
    const args = operands.map((operand, index) => {
      const bound = this.placed(operand);
      if (bound === null || bound.expression.type === 'boolean' || bound.expression.type === 'null') return bound;
      return mustBe(this.context, expression, index, operands.length, 'boolean', bound);
    });
    const complete = args.filter((each) => each !== null);
    if (complete.length < args.length) return null;
    return this.made(
      expression,
      expression.kind,
      'boolean',
      complete.map((each) => each.expression),
    );
  }

  private negation(expression: Of<'negate'>): BoundExpression | null {
    const operand = this.placed(expression.operand);
    if (operand === null) return null;
    const span = literalInterval(operand.expression);
    if (span !== undefined) return { kind: 'literal', type: operand.expression.type, value: negated(span) };
    if (isNumeric(operand.expression.type)) {
      return this.made(expression, 'negate', operand.expression.type, [operand.expression]);
    }
    if (operand.expression.type === 'null') return NULL;
    return mustBe(this.context, expression, 0, 1, 'numeric, date_period or time_duration', operand);
  }

  private pair(
    expression: Of<'comparison' | 'arithmetic'>,
    check: (call: Span, operator: string, left: Placed, right: Placed, context: Context) => Pair | null,
  ): BoundExpression | null {
    const [left, right] = [this.placed(expression.left), this.placed(expression.right)];
    if (left === null || right === null) return null;
    const args = check(expression, expression.operator, left, right, this.context);
    if (args === null) return null;
    const type = scalarFunction(expression.operator).returns(args.map((arg) => arg.type));
    return this.made(expression, expression.operator, type, args);
  }

  private membership(expression: Of<'in'>): BoundExpression | null {
    const value = this.placed(expression.value);
    const items = this.allPlaced(expression.list);
    if (value === null || items === null) return null;
    const args = items.map((item) => comparedPair(expression, '==', value, item, this.context)?.[1] ?? null);
    const complete = args.filter((each) => each !== null);
    return complete.length < args.length
      ? null
      : this.made(expression, 'in', 'boolean', [value.expression, ...complete]);
  }

  private likeness(expression: Of<'like' | 'rlike'>): BoundExpression | null {
    const value = this.placed(expression.value);
    if (value === null) return null;
    const definition = scalarFunction(expression.kind);
    const { type } = value.expression;
    if (!definition.parameters[0]?.types.includes(type)) {
      return mustBe(this.context, expression, 0, 1, 'string', value);
    }
    const patterns: Literal = {
      kind: 'literal',
      type: 'keyword',
      value: listOf(expression.patterns.map(({ text }) => text)),
    };
    const args = [value.expression, patterns, { kind: 'literal', type: 'boolean', value: expression.inList } as const];
    const wrong = definition.check?.(args) ?? null;
    if (wrong !== null) return this.context.problem(expression.patterns[0] ?? expression, wrong);
    return this.made(expression, expression.kind, 'boolean', args);
  }

  private cast(expression: Of<'cast'>): BoundExpression | null {
    const name = expression.type.toLowerCase();
    const type = CAST_TYPES.get(name);
    if (type === undefined) {
      if (REFUSED_TYPES.has(name)) return this.context.problem(expression.typeSpan, notSupported(name));
      return this.context.unknown('data type named', expression.type, expression.typeSpan, CAST_TYPES.keys());
    }
    return this.known(expression, conversionTo(type), [expression.value]);
  }

  private match(expression: Of<'match'>): BoundExpression | null {
    const [value, query] = [this.placed(expression.value), this.placed(expression.query)];
    if (value === null || query === null) return null;
    const { expression: field } = value;
    if (field.kind !== 'column' || this.place.scope.get(field.name)?.isField !== true) {
      const found = this.context.quote(expression.value);
      return this.context.problem(
        expression.value,
        `[:] operator cannot operate on [${found}], which is not a field from an index mapping`,
      );
    }
    if (query.expression.kind !== 'literal') {
      return mustBe(this.context, expression, 1, 2, 'a constant', query);
    }
    const wanted = field.type === 'text' ? 'keyword' : field.type;
    const literal = converted(query, wanted, this.context);
    return literal === null ? null : this.made(expression, 'match', 'boolean', [field, literal]);
  }

  private names({ text, start, end }: Of<'names'>): BoundExpression {
    // A column that is true or false is a condition by itself.
    if (this.place.scope.get(text)?.type === 'boolean') return { kind: 'column', type: 'boolean', name: text };
    const columns = this.context.catalogue.fields.filter(({ names }) => names === true);
    const args = columns.map(({ name, type }): BoundExpression => ({ kind: 'column', type, name }));
    return this.made({ start, end }, 'names', 'boolean', [{ kind: 'literal', type: 'keyword', value: text }, ...args]);
  }
}

function intervalLiteral({ amount, unit }: Of<'interval'>): Literal {
  const one = interval(1, unit);
  return { kind: 'literal', type: one.ms === 0 ? 'date_period' : 'time_duration', value: interval(amount, unit) };
}

function parameterLiteral(value: ParameterValue): Literal {
  if (value === null) return NULL;
  if (typeof value === 'string') return { kind: 'literal', type: 'keyword', value };
  if (typeof value === 'boolean') return { kind: 'literal', type: 'boolean', value };
  if (!Number.isSafeInteger(value)) return { kind: 'literal', type: 'double', value };
  return { kind: 'literal', type: value <= INTEGER_MAX && value >= INTEGER_MIN ? 'integer' : 'long', value };
}
