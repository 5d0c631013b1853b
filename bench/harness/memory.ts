// Memory of other processes, from /proc. Null on systems that have none.
import { readFileSync } from 'node:fs';

/** What of a process is in memory at this moment. */
export function residentMiB(pid: number): number | null {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}
