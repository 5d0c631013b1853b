import { countTokensByKey } from '../../store/upkeep/stored-tokens.repository.js';
import { table } from '../text/table.js';
import { count } from '../text/words.js';
import type { Program } from './program.js';

/** `encrypts`: the first of `ENCRYPTION_KEYS`; `missing`: it is not among them. */
type KeyUse = 'encrypts' | 'decrypts' | 'missing';

export interface KeyCount {
  readonly kid: string;
  readonly use: KeyUse;
  /** How many stored tokens need it. */
  readonly tokens: number;
}

export const keyList: Program = async ({ tools, output }) => {
  const items = keyCounts(tools.kids(), await countTokensByKey(tools.owner));
  output.result({ items }, () => keysText(items, output.width));
};

/** The listed keys in their order, and then those that tokens need and nobody has listed. */
export function keyCounts(listed: readonly string[], tokens: ReadonlyMap<string, number>): KeyCount[] {
  const missing = [...tokens.keys()].filter((kid) => !listed.includes(kid));
  return [...listed, ...missing].map((kid, index) => ({
    kid,
    use: index === 0 ? 'encrypts' : index < listed.length ? 'decrypts' : 'missing',
    tokens: tokens.get(kid) ?? 0,
  }));
}

const WORDS: Readonly<Record<KeyUse, string>> = {
  encrypts: 'encrypts new tokens',
  decrypts: 'decrypts only',
  missing: 'NOT in ENCRYPTION_KEYS',
};

export function keysText(items: readonly KeyCount[], width: number): string {
  const rows = items.map(({ kid, use, tokens }) => [kid, count(tokens), WORDS[use]]);
  const columns = [{ title: 'KEY' }, { title: 'TOKENS', align: 'right' as const }, { title: 'USE' }];
  return [table(columns, rows, width), ...advice(items)].join('\n\n');
}

function advice(items: readonly KeyCount[]): string[] {
  const lost = items.filter(({ use }) => use === 'missing').map(({ kid }) => kid);
  const idle = items.filter(({ use, tokens }) => use === 'decrypts' && tokens === 0).map(({ kid }) => kid);
  return [
    ...(lost.length > 0 ? [`Put back ${lost.join(', ')}, or replace the tokens that need it.`] : []),
    ...(idle.length > 0 ? [`No stored token needs ${idle.join(', ')} any more; a backup of the database may.`] : []),
  ];
}
