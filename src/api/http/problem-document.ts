// Problems as RFC 9457 documents. `type` points to the code's place in the documentation.
import { z } from 'zod';
import { type Problem, statusOf } from '../../domain/failures/problem.js';

export const problemDocument = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document; `code` is stable, `detail` is for people.' });

export type ProblemDocument = z.output<typeof problemDocument>;

export function documentOf(problem: Problem, requestId: string): ProblemDocument {
  const status = statusOf(problem.code);
  return {
    type: `/docs/problems#${problem.code}`,
    title: problem.code.replaceAll(/[._]/g, ' '),
    status,
    detail: problem.message,
    code: problem.code,
    requestId,
    ...problem.extra,
  };
}
