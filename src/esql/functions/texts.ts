// Functions of text. Lengths and places count characters, from 1.
import { type Compiled, compileJava } from '../patterns/regular-expression.js';
import { literalValue } from '../plan/expression.js';
import { Failure, illegalArgument } from '../values/failure.js';
import { listOf } from '../values/value.js';
import { eachElement } from './conversion.js';
import { type FunctionDefinition, type Implementation, strict } from './definition.js';
import { gives, string, whole } from './parameters.js';

const of = (
  name: string,
  parameters: FunctionDefinition['parameters'],
  summary: string,
  implementation: Implementation,
  type: 'keyword' | 'integer' | 'boolean' = 'keyword',
): FunctionDefinition => ({
  kind: 'scalar',
  name,
  parameters,
  summary,
  returns: gives(type),
  prepare: () => implementation,
});

const changesCase = (name: string, summary: string, change: (text: string) => string): FunctionDefinition => ({
  kind: 'scalar',
  name,
  parameters: [string('str')],
  summary,
  returns: gives('keyword'),
  prepare: (_, fail) => eachElement((value) => change(String(value)), fail),
});

/** What Java takes for white space: no-break spaces are none. */
const isSpace = (code: number): boolean =>
  (code >= 9 && code <= 13) ||
  (code >= 28 && code <= 32) ||
  code === 0x1680 ||
  (code >= 0x2000 && code <= 0x200a && code !== 0x2007) ||
  code === 0x2028 ||
  code === 0x2029 ||
  code === 0x205f ||
  code === 0x3000;

function trimmed(text: string, left: boolean, right: boolean): string {
  let [start, end] = [0, text.length];
  while (left && start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (right && start < end && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** 0 and 1 are the first character; a negative start counts from the end. */
function substring(text: string, start: number, length = Infinity): string {
  if (length < 0) throw illegalArgument(`Length parameter cannot be negative, found [${length}]`);
  const characters = [...text];
  const first = start > 0 ? start - 1 : start < 0 ? Math.max(0, characters.length + start) : 0;
  return characters.slice(first, first + length).join('');
}

function split(text: string, delimiter: string) {
  if (delimiter.length !== 1) throw illegalArgument('delimiter must be single byte for now');
  return listOf(text.split(delimiter));
}

/** Java's replacement: `$1` and `${name}` are groups, a backslash takes the next character as it is. */
function replace(text: string, compiled: Compiled, replacement: string): string {
  if (!compiled.ok) throw new Failure('java.util.regex.PatternSyntaxException', compiled.reason);
  try {
    return compiled.expression.matcher(text).replaceAll(replacement, true);
  } catch (error) {
    throw illegalArgument(error instanceof Error ? error.message : 'Illegal replacement');
  }
}

export const TEXTS: readonly FunctionDefinition[] = [
  {
    kind: 'scalar',
    name: 'concat',
    parameters: [string('string1'), string('string2')],
    variadic: true,
    summary: 'CONCAT(text, text, …): one behind the other; null when one is null.',
    returns: gives('keyword'),
    prepare: () => strict((...texts: string[]) => texts.join('')),
  },
  of(
    'length',
    [string('str')],
    'LENGTH(text): how many characters.',
    strict((text: string) => length(text)),
    'integer',
  ),
  changesCase('to_lower', 'TO_LOWER(text): in lower case.', (text) => text.toLowerCase()),
  changesCase('to_upper', 'TO_UPPER(text): in upper case.', (text) => text.toUpperCase()),
  of(
    'starts_with',
    [string('str'), string('prefix')],
    'STARTS_WITH(text, prefix): whether it does.',
    strict((text: string, prefix: string) => text.startsWith(prefix)),
    'boolean',
  ),
  of(
    'ends_with',
    [string('str'), string('suffix')],
    'ENDS_WITH(text, suffix): whether it does.',
    strict((text: string, suffix: string) => text.endsWith(suffix)),
    'boolean',
  ),
  of(
    'substring',
    [string('string'), whole('start'), whole('length', { optional: true })],
    'SUBSTRING(text, start, length): a part of it; a negative start counts from the end.',
    strict(substring),
  ),
  of(
    'trim',
    [string('string')],
    'TRIM(text): without white space at both ends.',
    strict((text: string) => trimmed(text, true, true)),
  ),
  of(
    'ltrim',
    [string('string')],
    'LTRIM(text): without white space before it.',
    strict((text: string) => trimmed(text, true, false)),
  ),
  of(
    'rtrim',
    [string('string')],
    'RTRIM(text): without white space behind it.',
    strict((text: string) => trimmed(text, false, true)),
  ),
  of(
    'left',
    [string('string'), whole('length')],
    'LEFT(text, n): its first n characters.',
    strict((text: string, count: number) => [...text].slice(0, Math.max(0, count)).join('')),
  ),
  of(
    'right',
    [string('string'), whole('length')],
    'RIGHT(text, n): its last n characters.',
    strict((text: string, count: number) => (count <= 0 ? '' : [...text].slice(-count).join(''))),
  ),
  of('split', [string('string'), string('delim')], 'SPLIT(text, delimiter): the parts, as a list.', strict(split)),
  {
    kind: 'scalar',
    name: 'replace',
    parameters: [string('string'), string('regex'), string('newString')],
    summary: 'REPLACE(text, regex, new): every match replaced; $1 is the first group.',
    returns: gives('keyword'),
    check: ([, regex]) => {
      const pattern = literalValue(regex);
      const compiled = typeof pattern === 'string' ? compileJava(pattern) : null;
      return compiled === null || compiled.ok
        ? null
        : `this regular expression is not supported here: ${compiled.reason}`;
    },
    prepare: ({ args: [, regex] }) => {
      const pattern = literalValue(regex);
      const constant = typeof pattern === 'string' ? compileJava(pattern) : null;
      return strict((text: string, each: string, replacement: string) =>
        replace(text, constant ?? compileJava(each), replacement),
      );
    },
  },
];

function length(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}
