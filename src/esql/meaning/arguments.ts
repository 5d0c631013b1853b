// Whether a call's arguments are what its function takes.
import type { FunctionDefinition, Parameter } from '../functions/definition.js';
import type { BoundExpression } from '../plan/expression.js';
import { MAX_ARGUMENTS } from '../text/limits.js';
import type { Span } from '../text/span.js';
import { typeName } from '../values/data-type.js';
import type { Context } from './context.js';
import { asOneOf, type Placed } from './literals.js';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

export const ordinal = (index: number): string => ORDINALS[index] ?? `${index + 1}th`;

/** `argument of`, where there is only one; else `first argument of`. */
const place = (index: number, count: number) => (count === 1 ? 'argument of' : `${ordinal(index)} argument of`);

/** Said of the whole call, as Elasticsearch does. */
export function mustBe(
  context: Context,
  call: Span,
  index: number,
  count: number,
  expects: string,
  { expression, span }: Placed,
): null {
  const found = `found value [${context.quote(span)}] type [${typeName(expression.type)}]`;
  return context.problem(call, `${place(index, count)} [${context.quote(call)}] must be [${expects}], ${found}`);
}

/** The arguments with literal strings read as what is wanted; null when something is wrong, which has been said. */
export function checkedArguments(
  definition: FunctionDefinition,
  call: Span,
  args: readonly Placed[],
  context: Context,
): readonly BoundExpression[] | null {
  const { parameters, variadic } = definition;
  const least = parameters.filter(({ optional }) => optional !== true).length;
  const most = variadic === true ? Infinity : parameters.length;
  if (args.length > MAX_ARGUMENTS) return context.problem(call, `a call has at most ${MAX_ARGUMENTS} arguments`);
  if (args.length < least || args.length > most) {
    return context.problem(call, `error building [${definition.name}]: ${expectedCount(least, most)}`);
  }
  const checked = args.map((arg, index) => checkedArgument(definition, call, arg, index, context));
  const complete = checked.filter((each) => each !== null);
  if (complete.length < checked.length) return null;
  const wrong = definition.check?.(complete) ?? null;
  return wrong === null ? complete : context.problem(call, wrong);
}

const COUNTS = ['no', 'one', 'two', 'three', 'four', 'five'];
const words = (count: number) => COUNTS[count] ?? String(count);

function expectedCount(least: number, most: number): string {
  const plural = (count: number) => (count === 1 ? 'argument' : 'arguments');
  if (most === Infinity) return `expects at least ${words(least)} ${plural(least)}`;
  if (least === most) return `expects exactly ${words(least)} ${plural(least)}`;
  return `expects ${words(least)} or ${words(most)} arguments`;
}

function checkedArgument(
  { parameters }: FunctionDefinition,
  call: Span,
  arg: Placed,
  index: number,
  context: Context,
): BoundExpression | null {
  const parameter: Parameter | undefined = parameters[index] ?? parameters.at(-1);
  if (parameter === undefined) return arg.expression;
  const expression = asOneOf(arg, parameter.types, context);
  if (expression === null) return null;
  if (!parameter.types.includes(expression.type)) {
    return mustBe(context, call, index, parameters.length, parameter.expects, { ...arg, expression });
  }
  if (parameter.constant === true && expression.kind !== 'literal') {
    return context.problem(
      arg.span,
      `${place(index, parameters.length)} [${context.quote(call)}] must be a constant, received [${context.quote(arg.span)}]`,
    );
  }
  return expression;
}
