import { type LineSource, type Program, startProgram } from './line-source';

/**
 * The PCI address (`0000:65:00`) of the device for which a line of the kernel log reports an Xid error. NVIDIA's driver
 * reports hardware and driver faults in this way ("NVRM: Xid (PCI:0000:65:00): 79, …", NVIDIA Xid documentation).
 */
export function xidAddress(line: string): string | undefined {
  return /NVRM: Xid \(PCI:([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2})(?:\.\d)?\): \d+/i.exec(line)?.[1]?.toLowerCase();
}

/**
 * Prints new lines of the kernel log. Ends at once if this process may not read it. The program has a parent-death
 * signal: otherwise it would outlive a killed worker for as long as the kernel logs nothing.
 */
export function startKernelLog(program: Omit<Program, 'args'>): LineSource {
  const args = ['--pdeathsig', 'KILL', 'dmesg', '--follow-new', '--notime'];
  return startProgram('setpriv', { ...program, args });
}
