// Hostile clients beside a normal one, against a running stack: `npx tsx scripts/strangers.ts [seconds] [stack.json]`.
// Prints the api's descriptors and memory before, at the worst and afterwards, and how long the normal client waited.
// Exits with 1 when the normal client's p99 is 500 ms or more, or when descriptors have not come back.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const P99_MS = 500;
/** Longer than an unread reply may stand, and than heads may take to arrive. */
const SETTLE_MS = 45_000;
const SPARE_DESCRIPTORS = 5;
const ASK_EVERY_MS = 100;

const seconds = Number(process.argv[2] ?? 300);
const stack = JSON.parse(await readFile(process.argv[3] ?? '.data/stack.json', 'utf8')) as Record<string, string>;
const { apiUrl = '', metricsUrl = '' } = stack;
const api = new URL(apiUrl);

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: api\r\n\r\n`;

/** What each does with its socket; whoever is not cut hangs up after a while. */
const ATTACKS: readonly { readonly bytes: string; readonly reads: boolean; readonly holdMs: number }[] = [
  { bytes: get('/docs/swagger-ui-bundle.js').repeat(1_200), reads: false, holdMs: 500 },
  { bytes: get('/openapi.json').repeat(1_400), reads: false, holdMs: 5_000 },
  { bytes: get('/docs/swagger-ui-bundle.js'), reads: false, holdMs: 40_000 },
  { bytes: get('/readyz').repeat(16), reads: true, holdMs: 1_000 },
  { bytes: 'GET / HTTP/1.1\r\nx: ', reads: true, holdMs: 20_000 },
  {
    bytes: 'POST /v1/auth/sign-in/email HTTP/1.1\r\nhost: api\r\ncontent-length: 999\r\n\r\n{',
    reads: true,
    holdMs: 20_000,
  },
];

async function attack({ bytes, reads, holdMs }: (typeof ATTACKS)[number], untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    const socket = connect(Number(api.port), api.hostname);
    socket.on('error', () => undefined); // being cut is what is expected
    if (reads) socket.resume();
    else socket.pause();
    socket.write(bytes);
    await Promise.race([once(socket, 'close'), pause(Math.min(holdMs, Math.max(0, untilMs - performance.now())))]);
    socket.destroy();
    await pause(20);
  }
}

interface Measured {
  readonly descriptors: number;
  readonly megabytes: number;
}

async function measure(): Promise<Measured> {
  const text = await (await fetch(metricsUrl)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    descriptors: value('process_open_fds'),
    megabytes: Math.round(value('process_resident_memory_bytes') / 1e6),
  };
}

async function normalClient(untilMs: number): Promise<{ readonly tookMs: number[]; readonly worst: Measured }> {
  const tookMs: number[] = [];
  let worst = await measure();
  while (performance.now() < untilMs) {
    const startedAtMs = performance.now();
    const { status } = await fetch(`${apiUrl}/healthz`);
    if (status !== 200) throw new Error(`the normal client was answered ${status}`);
    tookMs.push(performance.now() - startedAtMs);
    const now = await measure();
    worst = {
      descriptors: Math.max(worst.descriptors, now.descriptors),
      megabytes: Math.max(worst.megabytes, now.megabytes),
    };
    await pause(ASK_EVERY_MS);
  }
  return { tookMs: tookMs.sort((a, b) => a - b), worst };
}

const say = (what: string, { descriptors, megabytes }: Measured) =>
  console.log(`${what.padEnd(10)} ${descriptors} descriptors, ${megabytes} MB`);

const before = await measure();
say('before', before);
const untilMs = performance.now() + seconds * 1000;
const hostile = ATTACKS.flatMap((each) => [attack(each, untilMs), attack(each, untilMs)]);
const { tookMs, worst } = await normalClient(untilMs);
await Promise.all(hostile);
say('at worst', worst);
await pause(SETTLE_MS);
const after = await measure();
say('afterwards', after);
const p99Ms = tookMs[Math.floor(tookMs.length * 0.99)] ?? 0;
console.log(`the normal client: ${tookMs.length} requests, p99 ${p99Ms.toFixed(1)} ms`);
process.exitCode = p99Ms < P99_MS && after.descriptors <= before.descriptors + SPARE_DESCRIPTORS ? 0 : 1;
