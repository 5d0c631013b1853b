// Looking for a value in lists and texts: the operator `:`, and bare words.
import { literalValue } from '../plan/expression.js';
import { sameScalar } from '../values/compare.js';
import { canonicalIp } from '../values/ip.js';
import { elements } from '../values/value.js';
import { type FunctionDefinition, whole } from './definition.js';
import { any, gives, string } from './parameters.js';

const WORD = /[\p{L}\p{N}_]+/gu;
const words = (text: string): string[] => text.toLowerCase().match(WORD) ?? [];

export const SEARCH: readonly FunctionDefinition[] = [
  {
    kind: 'scalar',
    name: 'match',
    parameters: [any('field'), any('query')],
    returns: gives('boolean'),
    // A field of type text is analysed: one of the query's words is enough. Others hold the value itself.
    prepare: ({ args: [field, query] }) => {
      const wanted = literalValue(query) ?? null;
      if (field?.type === 'text') {
        const anyWord = new Set(words(typeof wanted === 'object' ? '' : String(wanted)));
        return whole((value) => elements(value).some((text) => words(String(text)).some((word) => anyWord.has(word))));
      }
      return whole((value) =>
        elements(value).some((each) => wanted !== null && typeof wanted !== 'object' && sameScalar(each, wanted)),
      );
    },
  },
  {
    kind: 'scalar',
    // The text, then the columns that name things. Case does not count, and an address is found however it is written.
    name: 'names',
    parameters: [string('text'), any('column')],
    variadic: true,
    returns: gives('boolean'),
    prepare: ({ args: [text] }) => {
      const written = String(literalValue(text) ?? '');
      const wanted = needle(written);
      return whole((_, ...values) =>
        values.some((value) => elements(value).some((each) => needle(String(each)) === wanted)),
      );
    },
  },
];

/**
 * A value as bare words are compared with it. Whoever keeps an index of names for them makes its entries the same way.
 */
export const needle = (text: string): string => (text.includes(':') ? canonicalIp(text) : null) ?? text.toLowerCase();
