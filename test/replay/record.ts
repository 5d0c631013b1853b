// Records the histories that replay.test.ts replays: `npx tsx test/replay/record.ts`. Run it when workflow code was changed
// in a way that old histories still replay (a new schemaVersion, `patched()`), never to make a failing replay pass. What
// earlier versions recorded stays in a folder of its own: `histories/schema-1`, before the present one is recorded.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection } from '@temporalio/worker';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { findTemporalCli } from '../../src/embedded/temporal-cli.js';
import { startTemporalServer } from '../../src/embedded/temporal-server.js';
import { Harness, type Temporal } from '../workflows/harness.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

type Started = NonNullable<NonNullable<History['events']>[number]['workflowExecutionStartedEventAttributes']>;

const HISTORIES = fileURLToPath(new URL('./histories', import.meta.url));
const CACHE_DIR = fileURLToPath(new URL('../../.cache', import.meta.url));
/** Enough for the short scenarios, and soon reached by the one that waits for it. */
const CONTINUE_AS_NEW_AFTER_EVENTS = 150;

async function main(): Promise<void> {
  const cli = await findTemporalCli({
    cliPath: process.env['TEMPORAL_CLI_PATH'],
    env: process.env,
    cacheDir: CACHE_DIR,
  });
  const dataDir = await temporaryDataDir();
  const server = await startTemporalServer({
    cliPath: cli.path,
    dataDir,
    inMemory: true,
    anyPorts: true,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': CONTINUE_AS_NEW_AFTER_EVENTS },
  });
  try {
    await recordAll(server.address);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function recordAll(address: string): Promise<void> {
  await mkdir(HISTORIES, { recursive: true });
  for (const entry of await readdir(HISTORIES, { withFileTypes: true })) {
    if (entry.isFile()) await rm(join(HISTORIES, entry.name));
  }
  const clientConnection = await Connection.connect({ address });
  const connection = await NativeConnection.connect({ address });
  try {
    const client = new Client({ connection: clientConnection });
    for (const scenario of SCENARIOS) await record(scenario, { client, connection });
  } finally {
    await connection.close();
    await clientConnection.close();
  }
}

async function record(scenario: Scenario, temporal: Temporal): Promise<void> {
  await using harness = new Harness(temporal, scenario.options);
  await scenario.play(harness);
  await saveRuns(scenario.name, temporal.client, harness.handle);
  await saveRuns(`${scenario.name}.backfill`, temporal.client, harness.backfillHandle).catch(() => undefined);
}

/** From the latest run back to the first. */
async function saveRuns(name: string, client: Client, handle: WorkflowHandle): Promise<void> {
  let runId: string | undefined = (await handle.describe()).runId;
  for (let run = 0; runId; run += 1) {
    const history: History = await client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
    const started: Started | null | undefined = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    const json = JSON.stringify(scrubbed(JSON.parse(historyToJSON(history))));
    await writeFile(join(HISTORIES, run === 0 ? `${name}.json` : `${name}.${run}-before.json`), `${json}\n`);
    console.log(`${name}: ${history.events?.length} events`);
    runId = started?.continuedExecutionRunId ?? undefined;
  }
}

/** Without what names the machine that recorded: stack traces and identities, which a replay does not look at. */
function scrubbed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrubbed);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'stackTrace' && key !== 'identity');
  return Object.fromEntries(kept.map(([key, inner]) => [key, scrubbed(inner)]));
}

await main();
