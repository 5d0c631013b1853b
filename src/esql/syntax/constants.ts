// Constants: numbers, strings, lists of them, and spans of time.
import type { Token } from '../text/token.js';
import { isIntervalUnit } from '../values/interval.js';
import { isInteger, LONG_MAX, LONG_MIN, normalLong } from '../values/long.js';
import type { Cursor } from './cursor.js';
import type { Constant, ConstantType, Expression } from './tree.js';

export interface TypedConstant {
  readonly type: ConstantType;
  readonly value: Constant;
}

/** What does not fit an integer is a long, and what does not fit that a double. */
export function numberConstant({ kind, text }: Token, negative: boolean): TypedConstant {
  if (kind === 'decimal') return { type: 'double', value: negative ? -Number(text) : Number(text) };
  // More digits than a long has: told apart before they cost the time that a number of any length does.
  const digits = text.replace(/^0+(?=\d)/, '');
  const exact = digits.length > 19 ? null : negative ? -BigInt(digits) : BigInt(digits);
  if (exact === null || exact > LONG_MAX || exact < LONG_MIN) {
    return { type: 'double', value: negative ? -Number(text) : Number(text) };
  }
  const value = normalLong(exact);
  return { type: isInteger(value) ? 'integer' : 'long', value };
}

/** The constant that is next, or null when there is none. */
function acceptConstant(cursor: Cursor): TypedConstant | null {
  const token = cursor.peek();
  const sign = token.kind === 'symbol' && (token.text === '-' || token.text === '+') ? token.text : null;
  const first = sign === null ? token : cursor.peek(1);
  if (first.kind === 'integer' || first.kind === 'decimal') {
    if (sign !== null) cursor.next();
    cursor.next();
    return numberConstant(first, sign === '-');
  }
  if (token.kind === 'string') return { type: 'keyword', value: cursor.next().text };
  if (cursor.acceptWord('true')) return { type: 'boolean', value: true };
  if (cursor.acceptWord('false')) return { type: 'boolean', value: false };
  return null;
}

const WIDER: readonly ConstantType[] = ['integer', 'long', 'double'];

/** `[1, 2]`: of one type; numbers are of the widest among them. */
export function readList(cursor: Cursor): Expression {
  const { start } = cursor.expectSymbol('[');
  const items = cursor.list(() => {
    const { start } = cursor.peek();
    const constant =
      acceptConstant(cursor) ?? cursor.mismatch(['QUOTED_STRING', 'INTEGER_LITERAL', "'true'", "'false'"]);
    return { ...constant, start, end: cursor.last.end };
  });
  const { end } = cursor.expectSymbol(']');
  let type = items[0]?.type ?? 'null';
  for (const item of items) {
    const [before, here] = [WIDER.indexOf(type), WIDER.indexOf(item.type)];
    if (item.type !== type && (before === -1 || here === -1)) {
      cursor.refuse(item, `a list has values of one type, found [${type}] and [${item.type}]`);
    }
    if (here > before) type = item.type;
  }
  const values = items.map(({ value }) => (type === 'double' ? Number(value) : value));
  return { kind: 'list', type, values, start, end };
}

/** A number, with a unit behind it a span of time. */
export function readNumber(cursor: Cursor, negative: boolean, start: number): Expression {
  const token = cursor.next();
  const constant = numberConstant(token, negative);
  if (token.kind === 'integer' && cursor.isName() && cursor.peek().kind === 'word') {
    const unit = cursor.next();
    if (!isIntervalUnit(unit.text)) cursor.refuse(unit, `Unexpected temporal unit: '${unit.text}'`);
    if (constant.type !== 'integer') cursor.refuse(token, `the span of time [${token.text} ${unit.text}] is too long`);
    return { kind: 'interval', amount: Number(constant.value), unit: unit.text.toLowerCase(), start, end: unit.end };
  }
  return { kind: 'constant', ...constant, start, end: token.end };
}
