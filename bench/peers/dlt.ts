// One run of the dlt pipeline in a process of its own, and what it cost everybody who took part.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Window } from '../../src/domain/collecting/windows.js';
import { toInstant } from '../../src/domain/instant.js';
import { startPart } from '../../src/embedded/processes/part.js';
import { cpuSeconds, difference, serverCpuSeconds } from '../harness/cpu-time.js';
import { onDatabase } from '../ingest/collect-history.js';
import type { Cost } from '../ingest/figures.js';

/** A way to run the same pipeline, in a schema of its own. */
export interface DltVariant {
  readonly name: string;
  readonly dataset: string;
  readonly writeDisposition: 'merge' | 'append';
  /** Null is dlt's default for PostgreSQL. */
  readonly loaderFileFormat: 'csv' | null;
}

export interface DltOptions {
  readonly python: string;
  readonly databaseUrl: string;
  readonly postgresPid: number;
  readonly console: { readonly pid: number; readonly url: string; readonly token: string };
  /** Loaded before the window, and not measured. */
  readonly warmUp: Window;
  readonly window: Window;
}

interface Measured {
  readonly phase: 'measured';
  readonly seconds: number;
  readonly cpuSeconds: number;
}
type Line = { readonly phase: 'measuring' } | Measured;

const PIPELINE = fileURLToPath(new URL('./dlt_pipeline.py', import.meta.url));

export async function runDlt(options: DltOptions, variant: DltVariant): Promise<Cost> {
  const { databaseUrl, postgresPid, console, warmUp, window } = options;
  const folder = await mkdtemp(join(tmpdir(), 'bench-dlt-'));
  const readClocks = () => ({ postgres: serverCpuSeconds(postgresPid), console: cpuSeconds(console.pid) });
  const clocks: ReturnType<typeof readClocks>[] = [];
  try {
    await onDatabase(databaseUrl, 'checkpoint');
    const { dataset, writeDisposition, loaderFileFormat } = variant;
    const job = {
      databaseUrl,
      console: { url: console.url, token: console.token },
      pipelinesDir: folder,
      dataset,
      writeDisposition,
      loaderFileFormat,
      warmUp: instantsOf(warmUp),
      window: instantsOf(window),
    };
    const measured = await runPipeline({
      python: options.python,
      folder,
      job,
      onPhase: () => clocks.push(readClocks()),
    });
    const [before, after] = clocks;
    return {
      seconds: measured.seconds,
      cpuSeconds: measured.cpuSeconds,
      postgresCpuSeconds: difference(after?.postgres ?? null, before?.postgres ?? null),
      consoleCpuSeconds: difference(after?.console ?? null, before?.console ?? null),
      rows: await countRows(databaseUrl, dataset, window),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const instantsOf = ({ fromMicros, toMicros }: Window) => ({ from: toInstant(fromMicros), to: toInstant(toMicros) });

interface PipelineRun {
  readonly python: string;
  readonly folder: string;
  readonly job: object;
  /** When measuring begins and when it has ended. */
  readonly onPhase: () => void;
}

async function runPipeline({ python, folder, job, onPhase }: PipelineRun): Promise<Measured> {
  const lines: string[] = [];
  let measured: Measured | undefined;
  const part = await startPart({
    name: 'dlt',
    command: python,
    args: [PIPELINE, JSON.stringify(job)],
    // Its settings and state live in the folder alone, and it reports to nobody.
    env: { ...process.env, DLT_DATA_DIR: folder, RUNTIME__DLTHUB_TELEMETRY: 'false' },
    cwd: folder,
    output: {
      onLine(text) {
        lines.push(text);
        if (!text.startsWith('{"phase"')) return;
        onPhase();
        const line = JSON.parse(text) as Line;
        if (line.phase === 'measured') measured = line;
      },
    },
  });
  const { code } = await part.exited;
  if (code !== 0 || measured === undefined) throw new Error(`the dlt pipeline failed:\n${lines.join('\n')}`);
  return measured;
}

async function countRows(databaseUrl: string, dataset: string, window: Window): Promise<number> {
  const { from, to } = instantsOf(window);
  const within = `created_at >= '${from}' and created_at < '${to}'`;
  const [row] = await onDatabase(
    databaseUrl,
    `select count(*)::int as rows from ${dataset}.activities where ${within}`,
  );
  return Number(row?.['rows']);
}
