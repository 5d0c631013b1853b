// The process that outlives `start`. A SIGKILL leaves `start` no time to stop its parts, so this one holds the other
// end of a pipe: when the pipe closes, whatever the reason, it stops the parts that are still listed, the last started
// first. Run by plain Node, which strips types but does not turn './x.js' into './x.ts': the one import spells its own
// suffix.
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type * as ProcessControl from './process-control.js';
import type { ReaperMessage } from './reaper.js';

const ownSuffix = extname(import.meta.filename);
const { stopProcess } = (await import(`./process-control${ownSuffix}`)) as typeof ProcessControl;

// Signals meant for the whole terminal or tree are for `start` to answer; this process ends with the pipe and never
// before.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const parts = new Map<number, Extract<ReaperMessage, { kind: 'watch' }>>();

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as ReaperMessage;
  if (message.kind === 'watch') parts.set(message.ref.pid, message);
  else parts.delete(message.pid);
}

for (const { ref, stop } of [...parts.values()].reverse()) await stopProcess(ref, stop);
