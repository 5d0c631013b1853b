// Builds the console into dist/web, where the api finds it: names with a hash of their content, and each text also as
// Brotli, so that no request pays for compressing.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const TEXTS = /\.(js|css|svg)$/;
/** Of a smaller one nothing is saved. */
const WORTHWHILE_BYTES = 1_000;

function compressed(): Plugin {
  let folder = '';
  return {
    name: 'compressed',
    configResolved: ({ build }) => void (folder = build.outDir),
    closeBundle() {
      for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!TEXTS.test(file)) continue;
        const text = readFileSync(join(folder, file));
        if (text.length < WORTHWHILE_BYTES) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(join(folder, `${file}.br`), brotliCompressSync(text, { params }));
      }
    },
  };
}

export default defineConfig({
  root: pathOf('.'),
  plugins: [react(), compressed()],
  build: {
    outDir: pathOf('../dist/web'),
    emptyOutDir: true,
    target: 'es2024',
    assetsInlineLimit: 0, // the page's policy lets nothing in but files of ours
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080' } },
});
