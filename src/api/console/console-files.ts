// The built console, read once: a request never waits for a disk, and a reader who goes away leaves nothing open.
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';

export interface ConsoleFile {
  readonly type: string;
  readonly plain: Buffer;
  /** As the build compressed it; null: it would not have become smaller. */
  readonly brotli: Buffer | null;
  /** Whether its name changes with its content. */
  readonly hashed: boolean;
}

export interface ConsoleFiles {
  /** By the path of its address, such as `/assets/index-3f2a.js`. */
  readonly files: ReadonlyMap<string, ConsoleFile>;
  /** The page, with `NONCE` where each load's own nonce goes. */
  readonly page: string;
}

/** Stands in the built page. */
export const NONCE = '__NONCE__';
const PAGE = '/index.html';
const HASHED = '/assets/';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** From the folder that `npm run build:web` writes. Null when there is none: an api without a console. */
export async function readConsole(folder: string): Promise<ConsoleFiles | null> {
  const names = await namesIn(folder);
  if (!names.includes(PAGE)) return null;
  const page = await readFile(join(folder, PAGE), 'utf8');
  const files = new Map<string, ConsoleFile>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const brotli = names.includes(`${name}.br`) ? await readFile(join(folder, `${name}.br`)) : null;
    files.set(name, { type, plain: await readFile(join(folder, name)), brotli, hashed: name.startsWith(HASHED) });
  }
  return { files, page };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((file) => `/${relative(folder, join(file.parentPath, file.name)).replaceAll('\\', '/')}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
