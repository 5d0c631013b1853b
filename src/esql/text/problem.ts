// What is wrong with a query. `syntax`: it cannot be read (Elasticsearch's parsing_exception). `meaning`: it can, and
// makes no sense (verification_exception).
import { positions } from './position.js';
import type { Span } from './span.js';

export interface Problem {
  readonly kind: 'syntax' | 'meaning';
  readonly span: Span;
  /** A sentence without the position. */
  readonly message: string;
}

/** Ends the reading of one command. It never leaves this language: whoever reads a query gets its problem. */
export class SyntaxRefusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

export const syntaxProblem = (span: Span, message: string): Problem => ({ kind: 'syntax', span, message });

/**
 * All problems in the words of Elasticsearch: `line 1:8: …` for each, and before problems of meaning how many there
 * are. A query that cannot be read has nothing said about its meaning.
 */
export function describe(text: string, problems: readonly Problem[]): string {
  const positionOf = positions(text);
  const line = ({ span, message }: Problem) => {
    const { line, column } = positionOf(span.start);
    return `line ${line}:${column}: ${message}`;
  };
  const syntax = problems.filter(({ kind }) => kind === 'syntax');
  if (syntax.length > 0) return syntax.map(line).join('\n');
  return [`Found ${problems.length} problem${problems.length === 1 ? '' : 's'}`, ...problems.map(line)].join('\n');
}
