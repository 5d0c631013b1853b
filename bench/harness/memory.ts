// Memory of other processes, from /proc. Null on systems that have none.
import { readFileSync } from 'node:fs';

/** What of a process is in memory at this moment. */
export const residentMiB = (pid: number): number | null => memoryOf(pid, /^VmRSS:\s+(\d+) kB$/m);

/** The most that there ever was. Not `process.resourceUsage()`, which begins with what the parent process had. */
export const peakResidentMiB = (pid: number): number | null => memoryOf(pid, /^VmHWM:\s+(\d+) kB$/m);

function memoryOf(pid: number, line: RegExp): number | null {
  try {
    const [, kilobytes] = line.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}
