import pino from 'pino';
import type { LogFields } from './log-fields';
import { loggableFields } from './log-fields';

/** Log levels. `silent` writes nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A constant of the source: a variable string or a template with parameters becomes `never` and does not compile. */
type Constant<E extends string> = E & (Record<never, never> extends Record<E, 1> ? never : E);

/** Writes one line. The event is a constant; everything variable is a field. */
export type WriteLog = <const E extends string>(event: Constant<E>, fields?: LogFields) => void;

/** A log that cannot contain a user's text: see {@link loggable} for its fields. */
export interface Logger {
  debug: WriteLog;
  info: WriteLog;
  warn: WriteLog;
  error: WriteLog;
}

/** The options of a log. */
export interface LoggerOptions {
  /** Name of the application, in every line. */
  app: string;
  level: LogLevel;
  /** Receives each line. Default: standard output, written synchronously so that no line is lost at exit. */
  destination?: { write(line: string): void };
}

/** Writes one JSON object per line: level, ISO time, pid, app, the fields, and the event as `msg`. */
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

/** The options of a rate-limited log. */
export interface LogOnceOptions {
  /** Writes the lines that are not suppressed, such as `logger.error`. */
  write: WriteLog;
  /** A monotonic clock, ms. */
  nowMs?: () => number;
}

/**
 * A log for faults that repeat quickly, such as every command while Redis is away. Each event is written at most once
 * per interval. The next line of the event has the number of suppressed ones in `suppressed`.
 *
 * @param intervalMs minimum time between two lines of one event
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
