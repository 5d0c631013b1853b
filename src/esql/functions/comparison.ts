// Comparisons of single values, IN, LIKE and RLIKE.
import { likeMatcher, matchesEverything } from '../patterns/like.js';
import { compileLucene } from '../patterns/lucene.js';
import { type Call, literalValue } from '../plan/expression.js';
import { comparator, sameScalar } from '../values/compare.js';
import { commonType, type DataType } from '../values/data-type.js';
import { elements, isList, type Row, type Scalar } from '../values/value.js';
import {
  type Evaluate,
  type Fail,
  type FunctionDefinition,
  type Implementation,
  lazy,
  MULTIVALUE,
  strict,
  whole,
} from './definition.js';
import { any, boolean, gives, string } from './parameters.js';

/** Of both sides of a call; the resolver has seen to it that there is one. */
const sharedType = ({ args: [left, right] }: Call): DataType =>
  commonType(left?.type ?? 'null', right?.type ?? 'null') ?? 'null';

const comparison = (name: string, of: (call: Call) => Implementation): FunctionDefinition => ({
  kind: 'scalar',
  name,
  parameters: [any('left'), any('right')],
  returns: gives('boolean'),
  prepare: of,
});

const ordered = (name: string, holds: (order: number) => boolean) =>
  comparison(name, (call) => {
    const compare = comparator(sharedType(call));
    return strict((a: Scalar, b: Scalar) => holds(compare(a, b)));
  });

/** A long beside a double is compared as one. */
const equality = (call: Call) =>
  sharedType(call) === 'double' ? (a: Scalar, b: Scalar) => Number(a) === Number(b) : sameScalar;

const patterns = (call: Call): readonly string[] => elements(literalValue(call.args[1]) ?? null).map(String);

export const COMPARISONS: readonly FunctionDefinition[] = [
  comparison('==', (call) => {
    const same = equality(call);
    return strict((a: Scalar, b: Scalar) => same(a, b));
  }),
  comparison('!=', (call) => {
    const same = equality(call);
    return strict((a: Scalar, b: Scalar) => !same(a, b));
  }),
  ordered('<', (order) => order < 0),
  ordered('<=', (order) => order <= 0),
  ordered('>', (order) => order > 0),
  ordered('>=', (order) => order >= 0),
  {
    kind: 'scalar',
    name: 'in',
    parameters: [any('value'), any('item')],
    variadic: true,
    returns: gives('boolean'),
    prepare: ({ args }, fail) => {
      const constants = args.slice(1).map(literalValue);
      // A list of constants is as fast as one of them, however long it is.
      const known = constants.every((each) => each !== undefined && !isList(each)) ? new Set(constants) : null;
      // Not as arguments of a function, of which there may not be any number.
      return lazy(([first, ...items]) => (row) => {
        const value = first?.(row) ?? null;
        if (value === null) return null;
        if (isList(value)) {
          fail(MULTIVALUE);
          return null;
        }
        if (known !== null) return known.has(value) || (known.has(null) ? null : false);
        return anyOf(value, items, row, fail);
      });
    },
  },
  {
    kind: 'scalar',
    name: 'like',
    parameters: [string('value'), string('patterns'), boolean('in a list')],
    returns: gives('boolean'),
    prepare: (call, fail) => {
      const all = patterns(call);
      // As Elasticsearch does it: a list with `*` asks whether there is a value, so that NOT of it finds nulls.
      if (literalValue(call.args[2]) === true && all.some(matchesEverything)) return whole((value) => value !== null);
      const matchers = all.map(likeMatcher);
      return ofText((text) => matchers.some((matches) => matches(text)), fail);
    },
  },
  {
    kind: 'scalar',
    name: 'rlike',
    parameters: [string('value'), string('patterns'), boolean('in a list')],
    returns: gives('boolean'),
    check: ([, list]) => {
      for (const pattern of elements(literalValue(list) ?? null).map(String)) {
        const compiled = compileLucene(pattern);
        if (!compiled.ok) return `Invalid pattern for RLIKE [${pattern}]: ${compiled.reason}`;
      }
      return null;
    },
    prepare: (call, fail) => {
      const expressions = patterns(call).map(compileLucene);
      return ofText((text) => expressions.some((each) => each.ok && each.expression.testExact(text)), fail);
    },
  },
];

/** Whether the value is one of the items: not known when it is none of them and one is null or a list. */
function anyOf(value: Scalar, items: readonly Evaluate[], row: Row, fail: Fail): boolean | null {
  let result: boolean | null = false;
  for (const evaluate of items) {
    const item = evaluate(row);
    if (isList(item)) fail(MULTIVALUE);
    if (item === null || isList(item)) result = null;
    else if (sameScalar(value, item)) return true;
  }
  return result;
}

/** Of the first argument alone: the patterns may be a list. */
const ofText = (matches: (text: string) => boolean, fail: Fail): Implementation =>
  whole((value) => {
    if (value === null) return null;
    if (!isList(value)) return matches(String(value));
    fail(MULTIVALUE);
    return null;
  });
