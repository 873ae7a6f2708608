import { type LineSource, type Program, startProgram } from './line-source';

/**
 * The place on the bus (`0000:65:00`) of the device that a line of the kernel log reports an Xid error of, which is how
 * NVIDIA's driver tells hardware and driver faults ("NVRM: Xid (PCI:0000:65:00): 79, …", NVIDIA Xid documentation).
 */
export function xidAddress(line: string): string | undefined {
  return /NVRM: Xid \(PCI:([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2})(?:\.\d)?\): \d+/i.exec(line)?.[1]?.toLowerCase();
}

/**
 * Prints what the kernel log gets from this moment on; ends at once where this process may not read it. A kernel that
 * is silent would keep it alive after a worker that was killed, so the kernel is asked to end it with its parent.
 */
export function startKernelLog(program: Omit<Program, 'args'>): LineSource {
  const args = ['--pdeathsig', 'KILL', 'dmesg', '--follow-new', '--notime'];
  return startProgram('setpriv', { ...program, args });
}
