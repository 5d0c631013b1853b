// Queries as people write them, and what a slip of the hand makes of them.
import { complete } from '../../../src/esql/editor/complete.js';
import { evaluate } from '../../../src/esql/evaluate/evaluate.js';
import { describe as wordsOf } from '../../../src/esql/text/problem.js';
import { analysis, CATALOGUE, DOCUMENTS } from './support.js';

const QUERIES = [
  'event.code == "27" AND NOT user.name LIKE "svc-*"',
  '"10.0.0.5"',
  'FROM logs METADATA _id | WHERE @timestamp > NOW() - 1 day | SORT @timestamp DESC | LIMIT 200',
  'FROM logs | WHERE user.name RLIKE """adm[a-z]{1,3}(in|istrator)?""" AND event.category : "iam" | KEEP *name, @timestamp',
  'FROM logs | STATS n = COUNT(*), who = VALUES(user.name) WHERE event.severity > 3 BY b = BUCKET(@timestamp, 1 hour), source.ip',
  'FROM logs | EVAL x = CASE(event.severity >= 5, "high", event.severity IS NULL, null, "low"), y = TO_LOWER(host.name) | DROP message',
  'FROM logs | STATS r = ROUND(AVG(event.severity) / 2.5, 2), COUNT_DISTINCT(user.name) BY event.code | WHERE `r` IN (1, 2, null)',
  'ROW a = [1, 2, 3], b = "x\\ty", c = ?1::long | MV_EXPAND a | EVAL d = DATE_DIFF("hours", "2025-01-01", NOW()) - a % 2',
  'FROM logs | WHERE CIDR_MATCH(source.ip, "10.0.0.0/8", "fe80::/10") | RENAME user.name AS who, `host`.name AS `the host`',
  'FROM logs | EVAL s = SPLIT(CONCAT(event.code, ";", user.name), ";"), r = REPLACE(message, "(b)ob", "$1") | SORT s NULLS FIRST',
];
const PIECES = [
  ...'()[],.|"`\\*?:=<>!+-/%_@ \n0aA😀',
  '"""',
  '/*',
  '*/',
  '//',
  '::',
  ' AND ',
  ' NOT ',
  ' IN (',
  ' | ',
  ' BY ',
  '1 day',
  '9223372036854775807',
  '.5e9',
  'null',
  'FROM ',
  'STATS ',
  'COUNT(*)',
];

/** `random` gives numbers from 0 up to 1. */
export function mutated(random: () => number): string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  let text = pick(QUERIES);
  for (let count = Math.floor(random() * 4); count >= 0; count -= 1) {
    const at = Math.floor(random() * (text.length + 1));
    const length = Math.floor(random() * random() * 20);
    const other = pick(QUERIES);
    const from = Math.floor(random() * other.length);
    const inserted = pick(['', pick(PIECES), pick(PIECES), other.slice(from, from + Math.floor(random() * 30))]);
    text = text.slice(0, at) + inserted + text.slice(at + (random() < 0.5 ? 0 : length));
  }
  return text;
}

/** Throws when the language does; otherwise whether the query can be run. */
export function tryQuery(text: string, caret: number): boolean {
  const analysed = analysis(text, [{ value: 1 }]);
  complete(text, caret, CATALOGUE);
  if (analysed.ok) {
    const { columns, rows } = evaluate(analysed.plan, DOCUMENTS);
    if (rows.some((row) => row.length !== columns.length)) throw new Error('a row does not fit its columns');
    return true;
  }
  if (analysed.problems.length === 0) throw new Error('refused without a problem');
  for (const { span } of analysed.problems) {
    if (!(span.start >= 0 && span.start <= span.end && span.end <= text.length))
      throw new Error('a problem without a place');
  }
  if (wordsOf(text, analysed.problems) !== analysed.message) throw new Error('a message of other problems');
  return false;
}
