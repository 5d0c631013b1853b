// What may come next in a text, for the person who is writing it.
import { CALLABLE } from '../functions/table.js';
import type { Catalogue } from '../meaning/catalogue.js';
import { resolve } from '../meaning/resolve.js';
import type { Column } from '../plan/plan.js';
import { COMMAND_NAMES } from '../syntax/commands.js';
import { parse } from '../syntax/parse.js';
import type { Span } from '../text/span.js';
import { CAST_TYPES } from '../values/data-type.js';
import { type Place, placeAt } from './place.js';

export interface Completion {
  readonly kind: 'command' | 'index' | 'field' | 'function' | 'keyword' | 'type';
  readonly label: string;
  /** What replaces the span: the label as the language writes it. */
  readonly insert: string;
  /** Of a field its type, of a function what it does. */
  readonly detail?: string;
}

export interface Completions {
  /** What has been written of the word, up to the caret. */
  readonly replace: Span;
  /** Best first. */
  readonly items: readonly Completion[];
}

const MOST = 100;

export function complete(text: string, caret: number, catalogue: Catalogue): Completions {
  const place = placeAt(text.slice(0, caret));
  const typed = place.typed.toLowerCase();
  const rank = ({ label }: Completion) => {
    const name = label.toLowerCase();
    return name.startsWith(typed) ? 0 : name.includes(`.${typed}`) ? 1 : name.includes(typed) ? 2 : null;
  };
  const items = candidates(place, text, catalogue)
    .flatMap((item) => {
      const found = rank(item);
      return found === null ? [] : [{ item, rank: found }];
    })
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map(({ item }) => item);
  return { replace: { start: caret - (place.end - place.start), end: caret }, items };
}

function candidates(place: Place, text: string, catalogue: Catalogue): readonly Completion[] {
  const fields = () => columnsBefore(place, text, catalogue).map(field);
  switch (place.expects) {
    case 'nothing':
      return [];
    case 'query':
      return [...keywords(['FROM', 'ROW'], 'command'), ...fields(), ...functions(false), ...keywords(['NOT'])];
    case 'command':
      return keywords(
        COMMAND_NAMES.map((name) => name.toUpperCase()),
        'command',
      );
    case 'index':
      return catalogue.indices.map((name) => ({ kind: 'index', label: name, insert: name }));
    case 'metadata':
      return catalogue.metadata.map(field);
    case 'column':
      return fields();
    case 'operand':
      return [...fields(), ...functions(place.aggregates), ...keywords(['NOT', 'NULL', 'TRUE', 'FALSE'])];
    case 'type':
      return [...CAST_TYPES.keys()].map((name) => ({ kind: 'type', label: name, insert: name }));
    case 'operator':
      return keywords(place.operators);
  }
}

/** What the commands before this one hand on. */
function columnsBefore(place: Place, text: string, catalogue: Catalogue): readonly Column[] {
  if (place.commandStart === null) return catalogue.fields;
  const { query } = parse(text.slice(0, place.commandStart));
  return resolve(query, catalogue, { parameters: [], now: 0 }).columns;
}

const PLAIN = /^(?:\p{L}|[_@][\p{L}\p{Nd}_@])[\p{L}\p{Nd}_]*$/u;

/** A name as a query writes it: parts that are no identifiers stand in backticks. */
const written = (name: string) =>
  name
    .split('.')
    .map((part) => (PLAIN.test(part) ? part : `\`${part.replaceAll('`', '``')}\``))
    .join('.');

const field = ({ name, type }: Column): Completion => ({
  kind: 'field',
  label: name,
  insert: written(name),
  detail: type,
});

const functions = (aggregates: boolean): Completion[] =>
  CALLABLE.filter(({ isAggregate }) => aggregates || !isAggregate).map(({ name, summary }) => ({
    kind: 'function',
    label: name.toUpperCase(),
    insert: `${name.toUpperCase()}(`,
    detail: summary,
  }));

const keywords = (names: readonly string[], kind: 'command' | 'keyword' = 'keyword'): Completion[] =>
  names.map((name) => ({ kind, label: name, insert: name }));
