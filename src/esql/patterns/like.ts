// LIKE: the whole text, `*` any run of characters, `?` one character, `\` takes the next one as it is. Case counts.

/** A character, or what stands for some. */
type Element = { readonly text: string } | 'one' | 'any';

export type Matcher = (text: string) => boolean;

export const matchesEverything = (pattern: string): boolean => /^\*+$/.test(pattern);

export function likeMatcher(pattern: string): Matcher {
  const elements = parse(pattern);
  const texts = elements.filter((each) => typeof each === 'object');
  // What is usual is done by JavaScript's own search.
  if (!elements.includes('one') && texts.length <= 1) {
    const text = texts[0]?.text ?? '';
    const [opens, closes] = [elements[0] === 'any', elements.at(-1) === 'any'];
    if (elements.length === 0 || (!opens && !closes)) return (value) => value === text;
    if (opens && closes) return (value) => value.includes(text);
    return opens ? (value) => value.endsWith(text) : (value) => value.startsWith(text);
  }
  return wildcardMatcher(elements);
}

function parse(pattern: string): Element[] {
  const elements: Element[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') elements.push({ text });
    text = '';
  };
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? '';
    if (character === '*' || character === '?') {
      flush();
      if (character === '?') elements.push('one');
      else if (elements.at(-1) !== 'any') elements.push('any');
    } else if (character === '\\' && at + 1 < pattern.length) {
      at += 1;
      text += pattern[at] ?? '';
    } else {
      text += character;
    }
  }
  flush();
  return elements;
}

/**
 * When something does not fit, only the last `*` takes one character more: what earlier ones took cannot help, so the
 * time is at most the product of both lengths.
 */
function wildcardMatcher(elements: readonly Element[]): Matcher {
  return (value) => {
    let [at, element] = [0, 0];
    let retry: { at: number; element: number } | null = null;
    for (;;) {
      const current = elements[element];
      if (current === 'any') {
        element += 1;
        retry = { at, element };
        if (element === elements.length) return true;
        continue;
      }
      if (current === undefined && at === value.length) return true;
      const length = current === undefined ? null : taken(current, value, at);
      if (length !== null) {
        at += length;
        element += 1;
        continue;
      }
      if (retry === null || retry.at >= value.length) return false;
      retry = { at: retry.at + characterLength(value, retry.at), element: retry.element };
      ({ at, element } = retry);
    }
  };
}

const characterLength = (value: string, at: number) => ((value.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

function taken(element: Exclude<Element, 'any'>, value: string, at: number): number | null {
  if (element === 'one') return at < value.length ? characterLength(value, at) : null;
  return value.startsWith(element.text, at) ? element.text.length : null;
}
