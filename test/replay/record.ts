// After a change of workflow code: `npx tsx test/replay/record.ts`. Histories are only ever added. What is there is
// replayed first, and when it does not replay nothing is written: the change belongs behind `patched()` or a new
// schemaVersion. Then scenarios that have no history yet are recorded, and the code is put on record
// (workflow-code.json). With a new schemaVersion, what the one before recorded moves to a folder of its own, and every
// scenario is recorded anew.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { type History, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection } from '@temporalio/worker';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { findTemporalCli } from '../../src/embedded/temporal/temporal-cli.js';
import { startTemporalServer } from '../../src/embedded/temporal/temporal-server.js';
import { SCHEMA_VERSION } from '../../workflows/connection/messages.js';
import { eventually, Harness, type Temporal } from '../workflows/harness.js';
import { buildOf, folderOf, HISTORIES, historyNames, presentNames, replay } from './histories.js';
import { SCENARIOS } from './scenarios.js';
import type { Scenario } from './scenarios/scenario.js';
import { changedModules, codeOnRecord, presentCode, putOnRecord } from './workflow-code.js';

type Started = NonNullable<NonNullable<History['events']>[number]['workflowExecutionStartedEventAttributes']>;

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Enough for the short scenarios, and soon reached by the one that waits for it. */
const CONTINUE_AS_NEW_AFTER_EVENTS = 150;

async function main(): Promise<void> {
  const before = await codeOnRecord();
  const code = presentCode();
  console.log(`changed: ${changedModules(before, code).join(', ') || 'nothing'}`);
  const { replayed, failed } = await replay(await historyNames());
  if (Object.keys(failed).length > 0) {
    console.error(failed);
    throw new Error('what runs would not go on: guard the change by patched(), or begin it with a new schemaVersion');
  }
  console.log(`${replayed} histories replay`);
  if (before !== null && before.schemaVersion < SCHEMA_VERSION) await putAside(before.schemaVersion);
  const missing = await unrecorded();
  if (missing.length > 0) await withTemporal((temporal) => recordAll(missing, temporal));
  await putOnRecord(code);
}

/** The build cannot be made any more when the sources have changed, so it has to be there already. */
async function putAside(schemaVersion: number): Promise<void> {
  const build = buildOf(schemaVersion);
  if (!existsSync(build)) {
    const bundle = 'esbuild workflows/index.ts --bundle --format=esm --target=es2024 --external:@temporalio/*';
    throw new Error(`in a checkout of the code before: npx ${bundle} --outfile=${relative(PROJECT, build)}`);
  }
  await mkdir(join(HISTORIES, folderOf(schemaVersion)));
  for (const name of await presentNames()) {
    await rename(join(HISTORIES, name), join(HISTORIES, folderOf(schemaVersion), name));
  }
}

async function unrecorded(): Promise<Scenario[]> {
  const names = new Set(await presentNames());
  return SCENARIOS.filter(({ name }) => !names.has(`${name}.json`));
}

async function withTemporal(work: (temporal: Temporal) => Promise<void>): Promise<void> {
  await using undo = new AsyncDisposableStack();
  const cacheDir = join(PROJECT, '.cache');
  const cli = await findTemporalCli({ cliPath: process.env['TEMPORAL_CLI_PATH'], env: process.env, cacheDir });
  const dataDir = await temporaryDataDir();
  undo.defer(() => rm(dataDir, { recursive: true, force: true }));
  const server = await startTemporalServer({
    cliPath: cli.path,
    dataDir,
    inMemory: true,
    anyPorts: true,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': CONTINUE_AS_NEW_AFTER_EVENTS },
  });
  undo.defer(() => server.stop());
  const clientConnection = await Connection.connect({ address: server.address });
  undo.defer(() => clientConnection.close());
  const connection = await NativeConnection.connect({ address: server.address });
  undo.defer(() => connection.close());
  await work({ client: new Client({ connection: clientConnection }), connection });
}

async function recordAll(scenarios: readonly Scenario[], temporal: Temporal): Promise<void> {
  for (const scenario of scenarios) {
    await using harness = new Harness(temporal, scenario.options);
    await scenario.play(harness);
    const { name, records = () => harness.handle } = scenario;
    await saveRuns(name, temporal.client, records(harness));
    try {
      await saveRuns(`${name}.backfill`, temporal.client, harness.backfillHandle);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error; // most have none
    }
  }
}

/** From the latest run back to the first. One that has not decided anything yet could not be replayed. */
async function saveRuns(name: string, client: Client, handle: WorkflowHandle): Promise<void> {
  let runId: string | undefined = (await handle.describe()).runId;
  await eventually(`${name} to have begun`, async () => {
    const { events } = await client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
    return events?.some((event) => event.workflowTaskCompletedEventAttributes);
  });
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
