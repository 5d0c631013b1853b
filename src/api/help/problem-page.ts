// What every `code` of a problem document means: the page that a problem's `type` points to, one row a code.
import { refusalSentence } from '../../domain/failures/command-refusals.js';
import { type FailureCode, FAILURES } from '../../domain/failures/failures.js';
import { type ProblemCode, statusOf } from '../../domain/failures/problem.js';
import { REQUEST_PROBLEMS, type RequestProblem } from '../../domain/failures/request-problems.js';
import { helpPage, inline } from './guide-page.js';

export function problemPage(): string {
  const requests = (Object.keys(REQUEST_PROBLEMS) as RequestProblem[]).map((code) =>
    row(code, REQUEST_PROBLEMS[code].meaning),
  );
  const failures = (Object.keys(FAILURES) as FailureCode[]).map((code) => row(code, capital(refusalSentence(code))));
  return helpPage(
    'Problems',
    `<h1>Problems</h1>
<p>${inline('Errors are RFC 9457 problem documents. `code` is stable and what a script should look at; `detail` is for people.')}</p>
<h2>Of a request</h2><table>${HEAD}${requests.join('')}</table>
<h2>Of a connection</h2>
<p><a href="/help/setup-sentinelone#every-code">What to do about each</a></p><table>${HEAD}${failures.join('')}</table>`,
  );
}

const HEAD = '<tr><th>code</th><th>status</th><th>what it means</th></tr>';

const row = (code: ProblemCode, meaning: string) =>
  `<tr id="${code}"><td><code>${code}</code></td><td>${statusOf(code)}</td><td>${inline(meaning)}</td></tr>`;

/** Sentences of the table begin in lower case, because they follow others elsewhere. */
const capital = (sentence: string) => `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
