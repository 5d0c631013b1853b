// Standard input: all of it, or a secret typed at the terminal without being shown.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import type { ReadStream } from 'node:tty';
import { UsageError } from './exit-code.js';
import type { Input } from './programs/program.js';

type Source = NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY'>>;

export function createInput(source: Source, ask: (question: string) => void): Input {
  return {
    async readAll() {
      const all = await readText(source);
      if (all.trim() === '') throw new UsageError('standard input is empty');
      return all;
    },
    askHidden: (question) => (source.isTTY === true ? askHidden(source, { question, ask }) : undefined),
  };
}

async function askHidden(
  source: Source,
  { question, ask }: { readonly question: string; readonly ask: (question: string) => void },
): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: source, output: nowhere, terminal: true });
  const interrupted = new AbortController();
  lines.once('SIGINT', () => interrupted.abort());
  ask(question);
  try {
    return await lines.question('', { signal: interrupted.signal });
  } catch (error) {
    throw new UsageError('no token was given', { cause: error });
  } finally {
    ask('\n');
    lines.close();
  }
}
