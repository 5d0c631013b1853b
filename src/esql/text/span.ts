// A piece of the query's text. Offsets count UTF-16 units, as JavaScript's strings and editors do.
export interface Span {
  readonly start: number;
  readonly end: number;
}

export const spanOf = (first: Span, last: Span): Span => ({ start: first.start, end: last.end });

/** The longest piece of a query that a message repeats. */
const LONGEST_QUOTE = 200;

/**
 * The text of a span as messages quote it: a long one is cut, so that messages stay short however the query is made.
 */
export function quote(text: string, span: Span): string {
  if (span.end - span.start <= LONGEST_QUOTE) return text.slice(span.start, span.end);
  return `${text.slice(span.start, span.start + LONGEST_QUOTE)}…`;
}
