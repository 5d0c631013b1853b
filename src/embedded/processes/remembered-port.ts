// The port a part of this data folder was last on. Others know it by then (a connection keeps its console's address, a
// developer the database's), so the next start prefers it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../replace-file.js';

const portFile = (dataDir: string, part: string): string => join(dataDir, `${part}.port`);

export async function rememberedPort(dataDir: string, part: string): Promise<number | undefined> {
  const port = Number(await readFile(portFile(dataDir, part), 'utf8').catch(() => Number.NaN));
  return Number.isInteger(port) ? port : undefined;
}

export const rememberPort = (dataDir: string, part: string, port: number): Promise<void> =>
  replaceFile(portFile(dataDir, part), `${port}\n`);
