import { parsedArgs, wholeNumber } from '../command/command';
import { type FaultKind, faultKinds, sentinelFaultKinds } from './faults';

/** Options of a run. */
export interface ChaosOptions {
  requests: number;
  seed: number;
  /** Whether Redis is a master and a replica with Sentinels. */
  sentinel: boolean;
  /** Whether the bundled model also gets requests. */
  defaultModel: boolean;
  faults: readonly FaultKind[];
}

const defaults = { requests: 2_000, seed: 1 };
const allowed = {
  requests: { type: 'string' },
  seed: { type: 'string' },
  sentinel: { type: 'boolean', default: false },
  'default-model': { type: 'boolean', default: false },
  faults: { type: 'string' },
} as const;

/** The usage text of the command. */
export const usage = [
  'usage: npm run chaos -- [--requests N] [--seed S] [--sentinel] [--default-model] [--faults KIND,...]',
  `faults: ${sentinelFaultKinds.join(', ')} (the last needs --sentinel)`,
].join('\n');

/** Parses a command line; undefined when it is not valid. */
export function parseOptions(args: readonly string[]): ChaosOptions | undefined {
  const values = parsedArgs({ args: [...args], options: allowed })?.values;
  if (values === undefined) return undefined;
  const possible: readonly FaultKind[] = values.sentinel ? sentinelFaultKinds : faultKinds;
  const named = values.faults?.split(',');
  const faults = named ? possible.filter((kind) => named.includes(kind)) : possible;
  const requests = wholeNumber(values.requests) ?? defaults.requests;
  const seed = wholeNumber(values.seed) ?? defaults.seed;
  const isUsable = requests >= faults.length && seed >= 0 && faults.length === (named ?? faults).length;
  if (!isUsable) return undefined;
  return { requests, seed, sentinel: values.sentinel, defaultModel: values['default-model'], faults };
}
