import { parsedArgs, wholeNumber } from '../command/command';

/** Options of a run. */
export interface FuzzOptions {
  requests: number;
  seed: number;
  /** Index of the only case to send. */
  only: number | undefined;
}

const defaults = { requests: 20_000, seed: 1 };
const text = { type: 'string' } as const;

/** The usage text of the command. */
export const usage = 'usage: npm run fuzz -- [--requests N] [--seed S] [--only INDEX]';

/** Parses a command line; undefined when it is not valid. */
export function parseOptions(args: readonly string[]): FuzzOptions | undefined {
  const values = parsedArgs({ args: [...args], options: { requests: text, seed: text, only: text } })?.values;
  if (values === undefined) return undefined;
  const requests = wholeNumber(values.requests) ?? defaults.requests;
  const seed = wholeNumber(values.seed) ?? defaults.seed;
  const only = wholeNumber(values.only);
  return [requests, seed, only].some(Number.isNaN) ? undefined : { requests, seed, only };
}
