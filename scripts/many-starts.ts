// Starts `npm start` several times at the same moment, each in a data folder of its own, and prints how each came up
// and on which address. Ends with 1 unless all did, and leaves nothing behind.
//   npx tsx scripts/many-starts.ts [count, by default 8]
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../', import.meta.url));
const PATIENCE_MS = 8 * 60_000;

interface Start {
  readonly child: ChildProcess;
  readonly dataDir: string;
  output: string;
}

async function start(): Promise<Start> {
  const dataDir = await mkdtemp(join(tmpdir(), 'many-starts-'));
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.start.ts'], {
    cwd: PROJECT,
    env: { ...process.env, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const started: Start = { child, dataDir, output: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (started.output += String(text)));
  return started;
}

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;

/** Its console's address once it is ready; null when it has ended or takes too long. */
async function addressOf(started: Start): Promise<string | null> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline && started.child.exitCode === null) {
    const address = ADDRESS.exec(started.output)?.[0];
    if (address !== undefined && (await isReady(`${address}/readyz`))) return address;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return null;
}

const isReady = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

const count = Number(process.argv[2] ?? 8);
const startedAtMs = performance.now();
const starts = await Promise.all(Array.from({ length: count }, start));
const addresses = await Promise.all(
  starts.map(async (each, n) => {
    const address = await addressOf(each);
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    console.log(`${n + 1}: ${address === null ? `FAILED\n${each.output}` : `ready at ${address} after ${seconds} s`}`);
    return address;
  }),
);
for (const { child } of starts) child.kill('SIGINT');
await Promise.all(starts.filter(({ child }) => child.exitCode === null).map(({ child }) => once(child, 'exit')));
await Promise.all(starts.map(({ dataDir }) => rm(dataDir, { recursive: true, force: true })));
const different = new Set(addresses.filter((address) => address !== null)).size;
console.log(`${different} of ${count} came up, each on an address of its own`);
process.exit(different === count ? 0 : 1);
