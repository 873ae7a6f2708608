import { parseArgs } from 'node:util';

/** Options of a run. */
export interface FuzzOptions {
  requests: number;
  seed: number;
  /** Index of the only case to send. */
  only: number | undefined;
}

const defaults = { requests: 20_000, seed: 1 };

/** The usage text of the command. */
export const usage = 'usage: npm run fuzz -- [--requests N] [--seed S] [--only INDEX]';

/** Parses a command line; undefined when it is not valid. */
export function parseOptions(args: readonly string[]): FuzzOptions | undefined {
  const values = readValues(args);
  if (values === undefined) return undefined;
  const { requests, seed, only } = values;
  const isNumber = (text: string | undefined) => text === undefined || /^\d{1,9}$/.test(text);
  if (![requests, seed, only].every(isNumber)) return undefined;
  return {
    requests: Number(requests ?? defaults.requests),
    seed: Number(seed ?? defaults.seed),
    only: only === undefined ? undefined : Number(only),
  };
}

function readValues(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ args: [...args], options: { requests: text, seed: text, only: text } }).values;
  } catch {
    return undefined;
  }
}
