// `npm run demo`: the stack of `npm start` in a folder of its own, one scripted story, exit 0 only if every step holds.
// `--json` prints the end as one JSON object on stdout and everything else on stderr; `--keep` leaves the stack running
// afterwards, to look at the workflow in the Temporal UI.
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { inheritedEnvironment, startConfig } from './config.js';
import { temporaryDataDir } from './embedded/data-dir.js';
import { playDemo } from './embedded/demo/play.js';
import { asTable } from './embedded/demo/report.js';
import { startOneMachineStack } from './embedded/one-machine-stack.js';
import { supervise } from './embedded/processes/supervisor.js';
import { openServices, type Services } from './embedded/services.js';

const POLL_INTERVAL_MS = 1_000;
/** Everything that has its own rhythm happens within seconds here, and the history fills up within the story. */
const INTERVALS = {
  pollIntervalMs: POLL_INTERVAL_MS,
  sitesIntervalMs: 3_000,
  licenseCountsIntervalMs: 3_000,
  tokenCheckIntervalMs: 10_000,
  permissionRecheckIntervalMs: 5_000,
  tokenProbeIntervalMs: 60_000,
};
const SUGGEST_CONTINUE_AS_NEW_EVENTS = 150;

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
});
const config = startConfig();
const progress = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);

const dataDir = await temporaryDataDir();
let services: Services | undefined;
const exitCode = await supervise({
  log: progress,
  start: async (stack) => {
    const running = await startOneMachineStack(stack, {
      dataDir,
      environment: inheritedEnvironment(),
      temporalNamespace: 'default',
      temporalCliPath: config.TEMPORAL_CLI_PATH,
      dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': SUGGEST_CONTINUE_AS_NEW_EVENTS },
      port: config.PORT,
      workerPort: config.WORKER_PORT,
      apiMetricsPort: config.API_METRICS_PORT,
      allowedOrigins: config.SENTINELONE_ALLOWED_ORIGINS,
      sessionSecret: config.SESSION_SECRET?.reveal(),
      publicUrl: config.PUBLIC_URL,
      simulatorArgs: ['--history-rows', '20000', '--live-rows-per-second', '20', '--rate-limit'],
      announce: progress,
    });
    services = await openServices(running, { eventRetentionDays: config.EVENT_RETENTION_DAYS, intervals: INTERVALS });
    const report = await playDemo({
      running,
      services,
      simulatorUrl: running.simulatorUrl ?? '',
      pollIntervalMs: POLL_INTERVAL_MS,
      signal: stack.signal,
      announce: progress,
    });
    process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : asTable(report));
    if (values.keep) {
      progress('  The stack keeps running. Ctrl-C stops everything.');
      await once(stack.signal, 'abort');
    }
    return report.ok ? 0 : 1;
  },
});
await services?.close();
await rm(dataDir, { recursive: true, force: true });
process.exit(exitCode);
