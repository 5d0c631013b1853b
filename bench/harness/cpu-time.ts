// CPU time of other processes, from /proc: seconds of user and system time. Null on systems that have no /proc.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Between two readings, where this system has any. */
export const difference = (after: number | null, before: number | null): number | null =>
  after === null || before === null ? null : after - before;

interface Usage {
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended. */
  readonly children: number;
}

/** Seconds that one process has used so far. */
export const cpuSeconds = (pid: number): number | null => usageOf(pid)?.own ?? null;

/**
 * Seconds that a PostgreSQL server has used so far: its own process, every child of it, and children that have ended.
 */
export function serverCpuSeconds(postmasterPid: number): number | null {
  const postmaster = usageOf(postmasterPid);
  if (postmaster === null) return null;
  const living = readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .map(usageOf)
    .filter((usage) => usage?.parent === postmasterPid);
  return living.reduce((sum, usage) => sum + (usage?.own ?? 0), postmaster.own + postmaster.children);
}

const ticksPerSecond =
  process.platform === 'linux' ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : 1;

function usageOf(pid: number): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command, in brackets, may hold blanks and brackets itself: fields are counted from the last bracket.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = (from: number) => ((fields[from] ?? 0) + (fields[from + 1] ?? 0)) / ticksPerSecond;
    return { parent: fields[1] ?? 0, own: ticks(11), children: ticks(13) };
  } catch {
    return null;
  }
}
