// What resolving needs everywhere: the text and its positions, where problems go, what the caller has given.
import type { Origin } from '../plan/expression.js';
import { MAX_COLUMNS } from '../text/limits.js';
import { positions } from '../text/position.js';
import type { Problem } from '../text/problem.js';
import { quote, type Span } from '../text/span.js';
import { didYouMean, nearest } from '../text/suggest.js';
import type { Catalogue } from './catalogue.js';
import type { Scope } from './scope.js';

export type ParameterValue = string | number | boolean | null;

/** The value of `?name`, or without a name of the `?` in its turn. */
export interface Parameter {
  readonly name?: string;
  readonly value: ParameterValue;
}

export interface Options {
  readonly parameters: readonly Parameter[];
  /** The instant that NOW() is, in milliseconds since 1970. */
  readonly now: number;
}

/** So many unknown names have others suggested; for each, all known names are compared. */
const MOST_SUGGESTIONS = 50;

export class Context {
  readonly problems: Problem[] = [];
  /** Of the query itself, whatever it finds. */
  readonly warnings: string[] = [];
  readonly positionOf: ReturnType<typeof positions>;
  private suggestions = 0;

  constructor(
    readonly text: string,
    readonly catalogue: Catalogue,
    readonly options: Options,
  ) {
    this.positionOf = positions(text);
  }

  quote(span: Span): string {
    return quote(this.text, span);
  }

  origin(span: Span): Origin {
    return { ...this.positionOf(span.start), text: this.quote(span) };
  }

  problem({ start, end }: Span, message: string): null {
    this.problems.push({ kind: 'meaning', span: { start, end }, message });
    return null;
  }

  /** `Unknown column [x]`, with the known names that are nearest. */
  unknown(what: string, name: string, span: Span, known: Iterable<string>): null {
    this.suggestions += 1;
    const suggested = this.suggestions <= MOST_SUGGESTIONS ? nearest(name, known) : [];
    const shown = quote(name, { start: 0, end: name.length });
    return this.problem(span, `Unknown ${what} [${shown}]${didYouMean(suggested)}`);
  }

  unknownColumn(name: string, span: Span, scope: Scope): null {
    return this.unknown('column', name, span, scope.keys());
  }

  /** Whether there are not too many columns. */
  fits(scope: Scope, span: Span): boolean {
    if (scope.size <= MAX_COLUMNS) return true;
    this.problem(span, `a command hands on at most ${MAX_COLUMNS} columns, found ${scope.size}`);
    return false;
  }
}
