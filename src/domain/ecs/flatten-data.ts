// `sentinel_one.activity.data.flattened.*`: everything an activity's `data` holds, as text. Text, because the same key
// is true in one activity and "inherited" in the next, and two types under one name cannot be searched.

import { type Cleaning, text } from './field-values.js';

export type Flattened = string | readonly string[];

// SentinelOne nests three deep. What is deeper than this is kept as JSON text, so that no nesting can exhaust the
// stack.
const DEEPEST = 16;

/**
 * Paths joined by dots, from `prefix` on. Objects are flattened, lists of plain values are lists of text, any other
 * list is its JSON text; null, empty texts and empty containers are left out. Two values with one path become a list.
 */
export function flatten(prefix: string, value: unknown, cleaning: Cleaning): ReadonlyMap<string, Flattened> {
  const flattened = new Map<string, Flattened>();
  add(prefix, value, 0);
  return flattened;

  function add(path: string, part: unknown, depth: number): void {
    if (typeof part !== 'object' || part === null) return put(path, plain(part, cleaning));
    if (Array.isArray(part)) return put(path, part.every(isPlain) ? texts(part, cleaning) : json(part, cleaning));
    if (depth >= DEEPEST) return put(path, json(part, cleaning));
    for (const [key, child] of Object.entries(part)) add(`${path}.${text(key, cleaning) ?? ''}`, child, depth + 1);
  }

  function put(path: string, part: Flattened | null): void {
    if (part === null || part.length === 0) return;
    const before = flattened.get(path);
    flattened.set(path, before === undefined ? part : [before, part].flat());
  }
}

/** A text, number or boolean as text; null for what is empty. */
export const plain = (value: unknown, cleaning: Cleaning): string | null =>
  text(typeof value === 'boolean' ? String(value) : value, cleaning);

/** The plain values of a list, or the one plain value, as text; nothing for an object. */
export const texts = (value: unknown, cleaning: Cleaning): readonly string[] =>
  [value].flat().flatMap((item) => plain(item, cleaning) ?? []);

const isPlain = (value: unknown) => typeof value !== 'object' || value === null;

function json(value: object, cleaning: Cleaning): string | null {
  try {
    return text(JSON.stringify(value), cleaning);
  } catch {
    // Only a nesting of many thousands gets here: what could be parsed cannot be written again within the stack.
    return '(nested too deeply)';
  }
}
