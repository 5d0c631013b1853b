// Builds the console into dist/web: `npm run build:web`. Built beside it and put there in one step, so that an api that
// starts meanwhile, or another build, never sees half of one.
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const target = pathOf('../dist/web');
const made = `${target}.${randomUUID()}`;
const old = `${target}.${randomUUID()}`;

try {
  await build({ configFile: pathOf('../web/vite.config.ts'), logLevel: 'warn', build: { outDir: made } });
  await rename(target, old).catch(unlessAbsent);
  await rename(made, target);
} finally {
  for (const rest of [made, old]) await rm(rest, { recursive: true, force: true });
}

function unlessAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
