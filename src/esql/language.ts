// The language as its users see it: a text, and what may be asked, into a plan or into everything that is wrong.
import type { Catalogue } from './meaning/catalogue.js';
import type { Options } from './meaning/context.js';
import { resolve } from './meaning/resolve.js';
import type { Plan } from './plan/plan.js';
import { parse } from './syntax/parse.js';
import { describe, type Problem } from './text/problem.js';

export type Analysis =
  | {
      readonly ok: true;
      readonly plan: Plan;
      /** About the query itself: columns that hide others. */
      readonly warnings: readonly string[];
    }
  | {
      readonly ok: false;
      /** All of them, by their place. With one of syntax, the meaning is known up to the command before. */
      readonly problems: readonly Problem[];
      /** For the person who wrote it, as Elasticsearch would say it. */
      readonly message: string;
    };

/** Never throws, whatever the text. Time is linear in its length, and so is memory. */
export function analyze(text: string, catalogue: Catalogue, options: Options): Analysis {
  const { query, problems: syntax } = parse(text);
  const { plan, problems: meaning, warnings } = resolve(query, catalogue, options);
  const problems = [...syntax, ...meaning].sort((a, b) => a.span.start - b.span.start);
  if (plan === null || problems.length > 0) return { ok: false, problems, message: describe(text, problems) };
  return { ok: true, plan, warnings };
}
