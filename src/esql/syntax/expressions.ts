// Expressions, by Pratt's method: each operator has a power, and an operand is read as far as operators bind tighter.
// From loose to tight: OR, AND, NOT, the predicates (IN, LIKE, RLIKE, IS NULL, `:`), comparisons, + and -, * / and %,
// signs, casts.
import { MAX_DEPTH } from '../text/limits.js';
import { type Span, spanOf } from '../text/span.js';
import { readList, readNumber } from './constants.js';
import type { Cursor } from './cursor.js';
import { readName } from './names.js';
import type { ArithmeticOperator, ComparisonOperator, Expression, PatternText } from './tree.js';

const POWER = { or: 1, and: 2, not: 3, predicate: 4, comparison: 5, sum: 6, product: 7, sign: 8 } as const;

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const OPERAND = ['QUOTED_STRING', 'INTEGER_LITERAL', 'UNQUOTED_IDENTIFIER', "'('", "'not'", "'null'", "'?'"];

/** What an operand may be followed by, for the message about something else. */
type Infix =
  | { readonly kind: 'logical'; readonly power: number; readonly operator: 'and' | 'or' }
  | { readonly kind: 'predicate'; readonly power: number }
  | { readonly kind: 'comparison'; readonly power: number; readonly operator: ComparisonOperator }
  | { readonly kind: 'arithmetic'; readonly power: number; readonly operator: ArithmeticOperator };

/** Reads the expressions of one query. */
export class ExpressionReader {
  private readonly depths = new WeakMap<Expression, number>();
  private depth = 0;

  constructor(private readonly cursor: Cursor) {}

  /** A condition or value, as far as it goes. */
  read(power = 0): Expression {
    if (this.depth >= MAX_DEPTH) this.tooDeep(this.cursor.peek());
    this.depth += 1;
    try {
      return this.readOperators(power);
    } finally {
      this.depth -= 1;
    }
  }

  private readOperators(power: number): Expression {
    let left = this.prefix(power);
    // The operands of a chain of ANDs (or ORs) that this call reads, which become one node.
    let chain: Expression[] | null = null;
    let before: Infix['kind'] | null = null;
    for (let infix = this.infix(); infix !== null && infix.power > power; infix = this.infix()) {
      if (infix.kind === 'logical') {
        this.cursor.next();
        const right = this.read(infix.power);
        const continued: Expression[] | null = chain !== null && left.kind === infix.operator ? chain : null;
        const operands: Expression[] = continued ?? [left];
        operands.push(right);
        const depth = Math.max(this.depthOf(left) - (continued === null ? 0 : 1), this.depthOf(right));
        left = this.measured({ kind: infix.operator, operands, ...spanOf(left, right) }, depth);
        chain = operands;
      } else {
        // No chaining: a == b == c is nothing, nor is a predicate of a predicate.
        if (before === infix.kind && infix.kind !== 'arithmetic')
          this.cursor.mismatch(['<EOF>', "'|'", "'and'", "'or'"]);
        left = infix.kind === 'predicate' ? this.predicate(left) : this.binary(left, infix);
        chain = null;
      }
      before = infix.kind;
    }
    return left;
  }

  private infix(): Infix | null {
    const { cursor } = this;
    const token = cursor.peek();
    if (token.kind === 'symbol') {
      if (COMPARISONS.has(token.text)) {
        return { kind: 'comparison', power: POWER.comparison, operator: token.text as ComparisonOperator };
      }
      switch (token.text) {
        case '+':
        case '-':
          return { kind: 'arithmetic', power: POWER.sum, operator: token.text };
        case '*':
        case '/':
        case '%':
          return { kind: 'arithmetic', power: POWER.product, operator: token.text };
        case ':':
          return { kind: 'predicate', power: POWER.predicate };
        default:
          return null;
      }
    }
    if (cursor.isWord('and')) return { kind: 'logical', power: POWER.and, operator: 'and' };
    if (cursor.isWord('or')) return { kind: 'logical', power: POWER.or, operator: 'or' };
    const word = cursor.isWord('not') ? 1 : 0;
    const follows = ['in', 'like', 'rlike'].some((each) => cursor.isWord(each, word));
    return follows || cursor.isWord('is') ? { kind: 'predicate', power: POWER.predicate } : null;
  }

  private binary(left: Expression, infix: Extract<Infix, { operator: ComparisonOperator | ArithmeticOperator }>) {
    this.cursor.next();
    const right = this.read(infix.power);
    const { kind, operator } = infix;
    const span = spanOf(left, right);
    return this.node(
      kind === 'comparison' ? { kind, operator, left, right, ...span } : { kind, operator, left, right, ...span },
      [left, right],
    );
  }

  /** What stands behind a value and makes a condition of it. */
  private predicate(value: Expression): Expression {
    const { cursor } = this;
    const here = (): Span => ({ start: value.start, end: cursor.last.end });
    if (cursor.acceptWord('is')) {
      const negated = cursor.acceptWord('not');
      cursor.expectWord('null');
      return this.node({ kind: 'is null', value, negated, ...here() }, [value]);
    }
    if (cursor.acceptSymbol(':')) {
      const query = this.read(POWER.comparison);
      return this.node({ kind: 'match', value, query, ...here() }, [value, query]);
    }
    const not = cursor.acceptWord('not');
    if (cursor.acceptWord('in')) {
      cursor.expectSymbol('(');
      const list = cursor.list(() => this.read(POWER.predicate));
      cursor.expectSymbol(')');
      return this.maybeNot(not, this.node({ kind: 'in', value, list, ...here() }, [value, ...list]));
    }
    const kind = cursor.isWord('like') ? 'like' : 'rlike';
    cursor.next();
    const inList = cursor.acceptSymbol('(');
    const patterns = inList ? cursor.list(() => this.pattern()) : [this.pattern()];
    if (inList) cursor.expectSymbol(')');
    return this.maybeNot(not, this.node({ kind, value, patterns, inList, ...here() }, [value]));
  }

  private pattern(): PatternText {
    if (this.cursor.peek().kind !== 'string') this.cursor.mismatch(['QUOTED_STRING']);
    const { text, start, end } = this.cursor.next();
    return { text, start, end };
  }

  private maybeNot(not: boolean, operand: Expression): Expression {
    return not ? this.node({ kind: 'not', operand, start: operand.start, end: operand.end }, [operand]) : operand;
  }

  private prefix(power: number): Expression {
    const { cursor } = this;
    const token = cursor.peek();
    if (cursor.isWord('not') && power <= POWER.not) {
      cursor.next();
      const operand = this.read(POWER.not);
      return this.node({ kind: 'not', operand, ...spanOf(token, operand) }, [operand]);
    }
    if (cursor.isSymbol('-') || cursor.isSymbol('+')) return this.signed();
    return this.casts(this.primary());
  }

  private signed(): Expression {
    const { cursor } = this;
    const sign = cursor.next();
    const { kind } = cursor.peek();
    if (kind === 'integer' || kind === 'decimal') {
      return this.casts(readNumber(cursor, sign.text === '-', sign.start));
    }
    const operand = this.read(POWER.sign);
    if (sign.text === '+') return operand;
    return this.node({ kind: 'negate', operand, ...spanOf(sign, operand) }, [operand]);
  }

  private casts(first: Expression): Expression {
    let value = first;
    while (this.cursor.acceptSymbol('::')) {
      const { name, start, end } = readName(this.cursor);
      value = this.node({ kind: 'cast', value, type: name, typeSpan: { start, end }, start: value.start, end }, [
        value,
      ]);
    }
    return value;
  }

  private primary(): Expression {
    const { cursor } = this;
    const token = cursor.peek();
    const { start, end } = token;
    if (token.kind === 'integer' || token.kind === 'decimal') return readNumber(cursor, false, start);
    if (token.kind === 'string') {
      cursor.next();
      return { kind: 'constant', type: 'keyword', value: token.text, start, end };
    }
    if (token.kind === 'parameter') return this.parameter();
    if (cursor.isSymbol('[')) return readList(cursor);
    if (cursor.acceptSymbol('(')) {
      const inner = this.read();
      cursor.expectSymbol(')');
      return inner;
    }
    if (cursor.isName()) {
      return token.kind === 'word' && cursor.isSymbol('(', 1) ? this.call() : { kind: 'column', ...readName(cursor) };
    }
    for (const [word, value] of [['true', true] as const, ['false', false] as const]) {
      if (cursor.acceptWord(word)) return { kind: 'constant', type: 'boolean', value, start, end };
    }
    if (cursor.acceptWord('null')) return { kind: 'constant', type: 'null', value: null, start, end };
    return cursor.mismatch(OPERAND);
  }

  private call(): Expression {
    const { cursor } = this;
    const { text: name, start } = cursor.next();
    cursor.expectSymbol('(');
    const star = cursor.isSymbol('*') && cursor.isSymbol(')', 1) && cursor.acceptSymbol('*');
    const args = star || cursor.isSymbol(')') ? [] : cursor.list(() => this.read());
    const { end } = cursor.expectSymbol(')');
    return this.node({ kind: 'call', name, star, args, start, end }, args);
  }

  private parameter(): Expression {
    const { text, start, end } = this.cursor.next();
    if (text === '' && this.cursor.peek().kind === 'parameter' && this.cursor.peek().start === end) {
      this.cursor.refuse(
        { start, end: this.cursor.peek().end },
        'a parameter for an identifier (??) is not supported here',
      );
    }
    const key = text === '' ? this.cursor.nextParameter() : /^\d+$/.test(text) ? Number(text) : text;
    return { kind: 'parameter', key, start, end };
  }

  /** Takes note of how deep the node is, and refuses one that is too deep to walk over. */
  private node(node: Expression, children: readonly Expression[]): Expression {
    let deepest = 0;
    for (const child of children) deepest = Math.max(deepest, this.depthOf(child));
    return this.measured(node, deepest);
  }

  private measured(node: Expression, deepestChild: number): Expression {
    const depth = deepestChild + 1;
    if (depth > MAX_DEPTH) this.tooDeep(node);
    this.depths.set(node, depth);
    return node;
  }

  private depthOf(node: Expression): number {
    return this.depths.get(node) ?? 0;
  }

  private tooDeep(span: Span): never {
    return this.cursor.refuse(span, `ESQL statement exceeded the maximum expression depth allowed (${MAX_DEPTH})`);
  }
}
