import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What a command gets besides its options. */
export interface CommandContext {
  /** Root of the repository. */
  root: string;
  /** Prints one line. */
  say(line: string): void;
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a command and exits with the code that it returns. An error is printed; the exit code is then `errorCode`. */
export function runCommand(main: () => Promise<number>, errorCode = 1): void {
  main().then(
    (code) => process.exit(code),
    (error: unknown) => {
      printError(error);
      process.exit(errorCode);
    },
  );
}

/** Prints an error for the operator, without its stack. */
export function printError(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
}

/** Exits when this process must stop. Handlers of `exit` then end its children and remove its files. */
export function exitOnSignals(): void {
  for (const signal of stopSignals) process.once(signal, () => process.exit(130));
}

/** A signal that aborts when this process must stop. */
export function abortOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of stopSignals) process.on(signal, () => stop.abort());
  return stop.signal;
}

/**
 * As {@link abortOnSignals}, and exits some time later if the work does not heed the signal. What it was writing must
 * then be safe to leave behind.
 */
export function endOnSignals(graceMs: number): AbortSignal {
  const signal = abortOnSignals();
  signal.addEventListener('abort', () => setTimeout(() => process.exit(130), graceMs).unref());
  return signal;
}

/** `parseArgs` of Node, but undefined instead of an error when the command line is not valid. */
export function parsedArgs<const Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch {
    return undefined;
  }
}

/** The number; NaN, which fails every comparison, if the text is not one; undefined if no text is given. */
export function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : NaN;
}

/** Prints lines with the seconds since this call. */
export function sayWithTime(): CommandContext['say'] {
  const beganMs = performance.now();
  return (line) => console.log(`${Math.round((performance.now() - beganMs) / 1000)} s  ${line}`);
}
