import { readFileSync } from 'node:fs';

/** USER_HZ, the kernel's unit of CPU time in /proc: 100 per second on every Linux. */
const ticksPerSecond = 100;

/** CPU time of a process, user and system, in ms, from the text of /proc/<pid>/stat (see proc(5)). */
export function cpuMsOf(stat: string): number {
  // the program name, in parentheses, may contain spaces and parentheses
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(afterName[11]), Number(afterName[12])];
  return ((user + system) * 1000) / ticksPerSecond;
}

/** CPU time of a process and its threads since its start, in ms. Linux only. Throws when the process does not exist. */
export function processCpuMs(pid: number): number {
  return cpuMsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Starts a measurement of the total CPU time of processes, in ms. */
export function cpuClock(pids: readonly number[]): () => number {
  const total = () => pids.reduce((sum, pid) => sum + processCpuMs(pid), 0);
  const began = total();
  return () => total() - began;
}
