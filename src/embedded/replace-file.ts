// Writing a file so that a reader sees the old text or the new one, never half of it, and nobody but the owner reads
// it.
import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';

const OWNER_ONLY = 0o600;

export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text, { mode: OWNER_ONLY, flag: 'wx' });
  await rename(temporary, path);
}
