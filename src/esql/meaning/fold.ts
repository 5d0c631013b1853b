// A call of constants is worked out once, when the query is read. One that fails stays, so that its warning comes from
// the search.
import { compile } from '../evaluate/compile.js';
import { Warnings } from '../evaluate/warnings.js';
import type { BoundExpression, Call } from '../plan/expression.js';

export function folded(call: Call): BoundExpression {
  if (!call.args.every(({ kind }) => kind === 'literal')) return call;
  const warnings = new Warnings();
  const value = compile(call, [], warnings)([]);
  return warnings.all.length > 0 ? call : { kind: 'literal', type: call.type, value };
}
