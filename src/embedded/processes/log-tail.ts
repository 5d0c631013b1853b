// The end of a part's log, for the error that says why it did not start.
import { readFile } from 'node:fs/promises';

const TAIL_LINES = 15;

export async function readTail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
