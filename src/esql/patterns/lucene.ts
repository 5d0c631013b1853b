// RLIKE: regular expressions as Lucene writes them, which fit a whole text. They are rewritten for RE2. Of what Lucene
// adds to the usual, what RE2 cannot say is refused by name: `~` (complement), `&` (both), `<1-9>` (numbers between).
import { MAX_PATTERN } from '../text/limits.js';
import { type Compiled, compileExpression, TOO_LONG } from './regular-expression.js';

/** Groups may be nested so deep; reading recurses. */
const MAX_GROUPS = 100;

const RESERVED = /[\\^$.|?*+()[\]{}]/g;
const escaped = (text: string) => text.replace(RESERVED, String.raw`\$&`);
/** Classes that Lucene and RE2 write alike. */
const CLASS = /^[dDsSwW]$/;

class Refused extends Error {}

export function compileLucene(pattern: string): Compiled {
  if (pattern.length > MAX_PATTERN) return TOO_LONG;
  try {
    return compileExpression(new Translator(pattern).translate(), true);
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.message };
    throw error;
  }
}

class Translator {
  private at = 0;
  private depth = 0;
  private readonly characters: readonly string[];

  constructor(pattern: string) {
    this.characters = [...pattern];
  }

  translate(): string {
    const result = this.union();
    if (this.at < this.characters.length) throw new Refused(`unexpected [${this.peek()}] at position ${this.at + 1}`);
    return result;
  }

  private peek(): string {
    return this.characters[this.at] ?? '';
  }

  private take(): string {
    const character = this.peek();
    this.at += 1;
    return character;
  }

  private accept(character: string): boolean {
    const found = this.peek() === character;
    if (found) this.at += 1;
    return found;
  }

  private union(): string {
    const parts = [this.concatenation()];
    while (this.accept('|')) parts.push(this.concatenation());
    return parts.join('|');
  }

  private concatenation(): string {
    let result = '';
    while (this.at < this.characters.length && this.peek() !== '|' && this.peek() !== ')') result += this.repeated();
    return result;
  }

  private repeated(): string {
    let result = this.single();
    for (;;) {
      const next = this.peek();
      let repeat: string;
      if (next === '*' || next === '+' || next === '?') repeat = this.take();
      else if (next === '{') repeat = this.counted();
      else return result;
      // In parentheses, because a repeat of a repeat means something else to RE2.
      result = `(?:${result})${repeat}`;
    }
  }

  private counted(): string {
    const close = this.characters.indexOf('}', this.at);
    const text = close === -1 ? '' : this.characters.slice(this.at, close + 1).join('');
    if (!/^\{\d{1,4}(?:,\d{0,4})?\}$/.test(text))
      throw new Refused(`a repeat is {n}, {n,} or {n,m}, at position ${this.at + 1}`);
    this.at = close + 1;
    return text;
  }

  private single(): string {
    const character = this.take();
    switch (character) {
      case '~':
        throw new Refused('the complement (~) is not supported here');
      case '&':
        throw new Refused('the intersection (&) is not supported here');
      case '<':
        throw new Refused('the numeric range (<>) is not supported here');
      case '#':
        // Fits nothing.
        return String.raw`[^\x{0}-\x{10FFFF}]`;
      case '@':
        return '(?:.*)';
      case '.':
        return '.';
      case '"':
        return this.literal();
      case '(':
        return this.group();
      case '[':
        return this.characterClass();
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
      case '{':
        throw new Refused(`nothing to repeat at position ${this.at}`);
      default:
        return escaped(character);
    }
  }

  private literal(): string {
    const close = this.characters.indexOf('"', this.at);
    if (close === -1) throw new Refused(`the quote at position ${this.at} is not closed`);
    const text = this.characters.slice(this.at, close).join('');
    this.at = close + 1;
    return `(?:${escaped(text)})`;
  }

  private group(): string {
    this.depth += 1;
    if (this.depth > MAX_GROUPS) throw new Refused(`more than ${MAX_GROUPS} nested groups`);
    const inner = this.union();
    if (!this.accept(')')) throw new Refused('a closing parenthesis is missing');
    this.depth -= 1;
    return `(?:${inner})`;
  }

  private escape(): string {
    if (this.at >= this.characters.length) throw new Refused('nothing follows the last backslash');
    const character = this.take();
    return CLASS.test(character) ? `\\${character}` : escaped(character);
  }

  private characterClass(): string {
    const start = this.at;
    let result = this.accept('^') ? '[^' : '[';
    for (let first = true; first || this.peek() !== ']'; first = false) {
      if (this.at >= this.characters.length) throw new Refused(`the class at position ${start} is not closed`);
      const character = this.take();
      if (character === '-' && !first && this.peek() !== ']') result += '-';
      else if (character === '\\') result += this.escapeInClass();
      else result += inClass(character);
    }
    this.at += 1;
    return `${result}]`;
  }

  private escapeInClass(): string {
    const character = this.take();
    return CLASS.test(character) ? `\\${character}` : inClass(character);
  }
}

/** Everything but letters and digits can be escaped. */
const inClass = (character: string) =>
  /^[\p{L}\p{N}]?$/u.test(character) ? character : `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`;
