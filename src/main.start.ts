// `npm start`: everything on one machine, until stopped. The first start with the simulator seeds a demonstration.
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment, startConfig } from './config.js';
import { buildConsole } from './embedded/console-build.js';
import { openDataDir } from './embedded/data-dir.js';
import { seedDemonstration } from './embedded/demo/demonstration.js';
import { chooseFirstSignIn, type FirstSignIn, makeFirstSignIn } from './embedded/first-sign-in.js';
import { keepGeneratedSecrets } from './embedded/generated-secrets.js';
import { type RunningStack, startOneMachineStack } from './embedded/one-machine-stack.js';
import { supervise } from './embedded/processes/supervisor.js';
import { openServices, type Services } from './embedded/services.js';
import { removeStackFile } from './embedded/stack-file.js';
import { printStatus } from './embedded/status-line.js';
import { guessableBootstrap } from './guessable-bootstrap.js';

const DEFAULT_DATA_DIR = fileURLToPath(new URL('../.data', import.meta.url));
const LIVE_ROWS_PER_SECOND = '2';
const HISTORY_ROWS = '5000';

const config = startConfig();
const print = (line: string) => void process.stdout.write(`${line}\n`);

let dataDir: Awaited<ReturnType<typeof openDataDir>> | undefined;
let services: Services | undefined;
let accountId = '';
const exitCode = await supervise({
  log: print,
  start: async (stack) => {
    dataDir = await openDataDir({ path: config.DATA_DIR ?? DEFAULT_DATA_DIR, explicit: config.DATA_DIR !== undefined });
    if (dataDir.movedFrom !== undefined)
      print(`data: kept in ${dataDir.path}, because PostgreSQL cannot enter ${dataDir.movedFrom}`);
    for (const sentence of guessableBootstrap(config)) print(sentence);
    await buildConsole(print, stack.signal);
    const firstSignIn = chooseFirstSignIn(config, await keepGeneratedSecrets(dataDir.path));
    const running = await startOneMachineStack(stack, {
      dataDir: dataDir.path,
      // Also what is made over the API polls as often as the demonstration.
      environment: { ...inheritedEnvironment(), POLL_INTERVAL_SECONDS: String(config.POLL_INTERVAL_SECONDS) },
      databaseUrl: config.DATABASE_URL,
      apiDatabaseUrl: config.API_DATABASE_URL,
      temporalAddress: config.TEMPORAL_ADDRESS,
      temporalNamespace: config.TEMPORAL_NAMESPACE,
      temporalCliPath: config.TEMPORAL_CLI_PATH,
      port: config.PORT,
      workerPort: config.WORKER_PORT,
      apiMetricsPort: config.API_METRICS_PORT,
      allowedOrigins: config.SENTINELONE_ALLOWED_ORIGINS,
      encryptionKeys: config.ENCRYPTION_KEYS,
      sessionSecret: config.SESSION_SECRET?.reveal(),
      publicUrl: config.PUBLIC_URL,
      afterMigrating: async (databaseUrl) => {
        ({ accountId } = await makeFirstSignIn(databaseUrl, firstSignIn, print));
      },
      simulatorArgs:
        config.SIMULATOR === 'off'
          ? null
          : ['--history-rows', HISTORY_ROWS, '--live-rows-per-second', LIVE_ROWS_PER_SECOND, '--rate-limit'],
      announce: print,
    });
    services = await openServices(running, {
      eventRetentionDays: config.EVENT_RETENTION_DAYS,
      intervals: { pollIntervalMs: config.POLL_INTERVAL_SECONDS * 1000 },
    });
    await seed(services, running);
    print(summary(running, firstSignIn));
    await printStatus(services.owner, print, stack.signal);
    return undefined;
  },
});
await services?.close();
if (dataDir !== undefined) {
  await removeStackFile(dataDir.path);
  await dataDir.release();
}
process.exit(exitCode);

async function seed(services: Services, running: RunningStack): Promise<void> {
  const { simulatorUrl } = running;
  if (simulatorUrl === null) return;
  const seeded = await seedDemonstration(services, running, { accountId, simulatorUrl });
  if (seeded === undefined) return;
  print(`demonstration: account ${config.BOOTSTRAP_ACCOUNT} connected; ${seeded.unmappedSite} is left unmapped`);
}

function summary(running: RunningStack, { email, shownPassword, shownApiKey }: FirstSignIn): string {
  const rows = [
    ['console', running.apiUrl],
    ['sign-in', `${email}  ${shownPassword}`],
    ['API', `${running.apiUrl}/docs`],
    ['API key', shownApiKey],
    ['Temporal UI', running.temporalUiUrl ?? '(external)'],
    ['SentinelOne simulator', running.simulatorUrl ?? '(off)'],
    ['PostgreSQL', withoutPassword(running.databaseUrl)],
    ['data, logs, stack.json', dataDir?.path ?? ''],
  ];
  return [
    '',
    ...rows.map(([name = '', value = '']) => `  ${name.padEnd(24)}${value}`),
    '',
    '  Ctrl-C stops everything.',
    '',
  ].join('\n');
}

function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.password = '';
  return url.href;
}
