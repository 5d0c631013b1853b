// + - * / % and the sign. What overflows or divides by zero is null with a warning.
import { type Call, literalInterval } from '../plan/expression.js';
import { addInterval } from '../values/calendar.js';
import { commonType, type DataType, isInterval } from '../values/data-type.js';
import { Failure } from '../values/failure.js';
import { type Interval, negated } from '../values/interval.js';
import {
  addLongs,
  divideLongs,
  type Long,
  moduloLongs,
  multiplyLongs,
  subtractLongs,
  type WholeType,
} from '../values/long.js';
import { type FunctionDefinition, type Parameter, strict } from './definition.js';
import { numeric } from './parameters.js';

const NUMBERS_AND_DATES: Parameter = {
  name: 'operand',
  types: ['integer', 'long', 'double', 'date', 'date_period', 'time_duration', 'null'],
  expects: 'date_nanos, datetime or numeric',
};

function finite(value: number): number {
  if (!Number.isFinite(value)) {
    throw new Failure('java.lang.ArithmeticException', `not a finite double number: ${value}`);
  }
  return value;
}

const numbers = (
  call: Call,
  doubles: (a: number, b: number) => number,
  longs: (a: Long, b: Long, type: WholeType) => Long,
) => {
  const type = call.type === 'integer' ? 'integer' : 'long';
  return call.type === 'double'
    ? strict((a: Long, b: Long) => finite(doubles(Number(a), Number(b))))
    : strict((a: Long, b: Long) => longs(a, b, type));
};

/** A date and a span of time beside it; null: the call is of numbers. */
function moved({ args: [left, right] }: Call, direction: (span: Interval) => Interval) {
  const span = literalInterval(right) ?? literalInterval(left);
  if (span === undefined) return null;
  const by = direction(span);
  return literalInterval(right) === undefined
    ? strict((_: unknown, date: number) => addInterval(date, by))
    : strict((date: number) => addInterval(date, by));
}

const returns = ([left = 'null', right = 'null']: readonly DataType[]): DataType =>
  isInterval(left) || isInterval(right) || left === 'date' || right === 'date'
    ? 'date'
    : (commonType(left, right) ?? 'null');

const multiplicative = (
  name: string,
  doubles: (a: number, b: number) => number,
  longs: (a: Long, b: Long, type: WholeType) => Long,
): FunctionDefinition => ({
  kind: 'scalar',
  name,
  parameters: [numeric('left'), numeric('right')],
  returns,
  prepare: (call) => numbers(call, doubles, longs),
});

export const ARITHMETIC: readonly FunctionDefinition[] = [
  {
    kind: 'scalar',
    name: '+',
    parameters: [NUMBERS_AND_DATES, NUMBERS_AND_DATES],
    returns,
    prepare: (call) => moved(call, (span) => span) ?? numbers(call, (a, b) => a + b, addLongs),
  },
  {
    kind: 'scalar',
    name: '-',
    parameters: [NUMBERS_AND_DATES, NUMBERS_AND_DATES],
    returns,
    prepare: (call) => moved(call, negated) ?? numbers(call, (a, b) => a - b, subtractLongs),
  },
  multiplicative('*', (a, b) => a * b, multiplyLongs),
  multiplicative('/', (a, b) => a / b, divideLongs),
  multiplicative('%', (a, b) => a % b, moduloLongs),
  {
    kind: 'scalar',
    name: 'negate',
    parameters: [numeric('operand')],
    returns: ([type = 'null']) => type,
    prepare: ({ type }) =>
      type === 'double'
        ? strict((value: number) => -value)
        : strict((value: Long) => subtractLongs(0, value, type === 'integer' ? 'integer' : 'long')),
  },
];
