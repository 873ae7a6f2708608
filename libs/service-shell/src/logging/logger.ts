import pino from 'pino';
import type { LogFields } from './log-fields';
import { loggableFields } from './log-fields';

/** Levels a log can be set to; `silent` writes nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A constant of the source: a variable string or a template with holes becomes `never` and does not compile. */
type Constant<E extends string> = E & (Record<never, never> extends Record<E, 1> ? never : E);

/** Writes one line. The event is a constant of our own; whatever varies is a field. */
export type WriteLog = <const E extends string>(event: Constant<E>, fields?: LogFields) => void;

/** A log that cannot hold a user's text: see {@link loggable} for what happens to a field. */
export interface Logger {
  debug: WriteLog;
  info: WriteLog;
  warn: WriteLog;
  error: WriteLog;
}

/** How a log is written. */
export interface LoggerOptions {
  /** Name of the application, on every line. */
  app: string;
  level: LogLevel;
  /** Takes each finished line; standard output, written synchronously so that no line is lost at exit, when left out. */
  destination?: { write(line: string): void };
}

/** One JSON object a line: level, ISO time, pid, app, the fields, and the event as `msg`. */
export function createLogger({ app, level, destination }: LoggerOptions): Logger {
  const log = pino(
    {
      level,
      base: { pid: process.pid, app },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
  const writer =
    (at: Exclude<LogLevel, 'silent'>): WriteLog =>
    (event, fields = {}) => {
      if (log.isLevelEnabled(at)) log[at](loggableFields(fields), event);
    };
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}

/** Where a rate-limited log writes. */
export interface LogOnceOptions {
  /** Takes the lines that pass, such as `logger.error`. */
  write: WriteLog;
  /** A clock in ms that never goes back. */
  nowMs?: () => number;
}

/**
 * A log for faults that come in thousands, such as every command while Redis is away. Each event passes at most once an
 * interval; the next one that passes says in `suppressed` how many did not.
 *
 * @param intervalMs the least time between two lines of one event
 */
export function logOncePer(intervalMs: number, options: LogOnceOptions): WriteLog {
  const { write, nowMs = () => performance.now() } = options;
  const seen = new Map<string, { lastMs: number; suppressed: number }>();
  return (event, fields = {}) => {
    const earlier = seen.get(event);
    if (earlier !== undefined && nowMs() - earlier.lastMs < intervalMs) {
      earlier.suppressed += 1;
      return;
    }
    seen.set(event, { lastMs: nowMs(), suppressed: 0 });
    write(event, earlier?.suppressed ? { ...fields, suppressed: earlier.suppressed } : fields);
  };
}
