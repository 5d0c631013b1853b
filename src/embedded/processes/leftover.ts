// What an earlier start has left running. A part's pid is kept in a file while it runs; a start that finds such a file,
// and the very same process behind it, stops that process first, or both would work on one folder.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from '../replace-file.js';
import { type ProcessRef, type StopOptions, stopProcess } from './process-control.js';

interface PartRecord {
  readonly ref: ProcessRef;
  readonly stop: StopOptions;
}

export async function recordPart(pidFile: string, ref: ProcessRef, stop: StopOptions): Promise<void> {
  const record: PartRecord = { ref, stop };
  await mkdir(dirname(pidFile), { recursive: true });
  await replaceFile(pidFile, JSON.stringify(record));
}

export async function stopLeftover(pidFile: string): Promise<void> {
  const record = await readRecord(pidFile);
  if (record !== undefined) await stopProcess(record.ref, record.stop);
}

/** A file that is missing or torn names no process. */
async function readRecord(pidFile: string): Promise<PartRecord | undefined> {
  try {
    return JSON.parse(await readFile(pidFile, 'utf8')) as PartRecord;
  } catch {
    return undefined;
  }
}
