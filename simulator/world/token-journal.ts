// Tokens that were generated while the console ran, in a file, so that they are still alive after a restart.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ApiToken, TokenRegistry } from './tokens.js';

const ENTRY = z.object({ label: z.string(), token: z.string(), expiresAtMicros: z.number() });

/** What a line says; one that was cut off by a crash is none. */
function entryOf(line: string): z.output<typeof ENTRY> | null {
  try {
    return ENTRY.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** Generates again what the file says, in its order, and keeps in it what is generated from now on. */
export function keepTokensIn(path: string, tokens: TokenRegistry): void {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n'); // or the next line would go on in this one
  for (const entry of text.split('\n').map(entryOf)) {
    const old = entry === null ? undefined : tokens.find(entry.label);
    if (entry !== null && old !== undefined)
      tokens.regenerate(old, { token: entry.token }).expiresAtMicros = entry.expiresAtMicros;
  }
  tokens.onRegenerated = ({ token, user: { label }, expiresAtMicros }: ApiToken) =>
    appendFileSync(path, `${JSON.stringify({ label, token, expiresAtMicros })}\n`, { mode: 0o600 });
}
