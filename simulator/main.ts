// The simulated console as a process, with the demonstration content. Prints one line of JSON with its address when it
// listens, and stops at SIGTERM or SIGINT.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DEMONSTRATION, type SimulatorOptions } from './options.js';
import { startSimulator } from './server.js';

const HOUR_MS = 3_600_000;
const number = z.coerce.number();

const ACCOUNTS = z.array(
  z.strictObject({
    name: z.string().min(1),
    sites: z.array(z.strictObject({ name: z.string().min(1), agents: z.int().min(0) })),
  }),
);

function readOptions(): SimulatorOptions {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '9001' },
      seed: { type: 'string', default: '1' },
      token: { type: 'string' },
      'tokens-file': { type: 'string' },
      /** A JSON file: `[{name, sites: [{name, agents}]}]`. */
      accounts: { type: 'string' },
      'history-rows': { type: 'string', default: String(DEMONSTRATION.historyRows) },
      'history-hours': { type: 'string', default: String(DEMONSTRATION.historyWindowMs / HOUR_MS) },
      'history-ends-at': { type: 'string' },
      'live-rows-per-second': { type: 'string', default: String(DEMONSTRATION.liveRowsPerSecond) },
      'keep-texts-mib': { type: 'string', default: '0' },
      'rate-limit': { type: 'boolean', default: false },
      'retry-after': { type: 'string', default: 'none' },
      'page-latency-ms': { type: 'string', default: '0' },
      'clock-skew-ms': { type: 'string', default: '0' },
    },
  });
  // An argument is shown to whoever lists processes; the variable is not.
  const token = values.token ?? process.env['SIMULATOR_TOKEN'];
  return {
    host: values.host,
    port: number.int().min(0).max(65_535).parse(values.port),
    seed: number.int().parse(values.seed),
    ...(token === undefined ? {} : { token }),
    ...(values['tokens-file'] === undefined ? {} : { tokensFile: values['tokens-file'] }),
    ...(values.accounts === undefined
      ? {}
      : { accounts: ACCOUNTS.parse(JSON.parse(readFileSync(values.accounts, 'utf8'))) }),
    historyRows: number.int().min(0).parse(values['history-rows']),
    historyWindowMs: number.min(0).parse(values['history-hours']) * HOUR_MS,
    ...(values['history-ends-at'] === undefined ? {} : { historyEndsAt: values['history-ends-at'] }),
    liveRowsPerSecond: number.min(0).parse(values['live-rows-per-second']),
    keepTextsMiB: number.min(0).parse(values['keep-texts-mib']),
    rateLimit: values['rate-limit'],
    retryAfter: z.enum(['none', 'seconds', 'date']).parse(values['retry-after']),
    pageLatencyMs: number.int().min(0).parse(values['page-latency-ms']),
    clockSkewMs: number.int().parse(values['clock-skew-ms']),
  };
}

const simulator = await startSimulator(readOptions());
process.stdout.write(`${JSON.stringify({ simulatorUrl: simulator.url })}\n`);

const stop = () => void simulator.close().then(() => process.exit(0));
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
