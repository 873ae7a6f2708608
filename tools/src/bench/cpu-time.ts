import { readFileSync } from 'node:fs';

/** The kernel's unit of CPU time in /proc: USER_HZ, which is 100 on every Linux. */
const ticksPerSecond = 100;

/** CPU time of a process, user and system, in ms, from the text of /proc/<pid>/stat (see proc(5)). */
export function cpuMsOf(stat: string): number {
  // the name of the program, in parentheses, may hold spaces and parentheses itself
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(afterName[11]), Number(afterName[12])];
  return ((user + system) * 1000) / ticksPerSecond;
}

/** CPU time that a process has used so far, all its threads, in ms. Linux only; throws when there is no such process. */
export function processCpuMs(pid: number): number {
  return cpuMsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
