import type { Logger } from '../logging/logger';
import { logOncePer } from '../logging/logger';

/**
 * The state of a process.
 *
 * - `starting`: the application starts. Goes to `ready`, or to `draining` if it is stopped before.
 * - `ready`: the application works. Goes to `draining` on a signal, a crash or a call of `shutdown`.
 * - `draining`: the shutdown steps run. Goes to `stopped` when they have ended or exceed their common limit.
 * - `stopped`: exit has been called. Final.
 */
export type LifecycleState = 'starting' | 'ready' | 'draining' | 'stopped';

/** One action before the process ends. */
export interface ShutdownStep {
  /** An identifier for the log, without spaces. */
  name: string;
  /** After this time the next step begins. */
  timeoutMs: number;
  run: () => Promise<void> | void;
}

/** Runs a function later. The result cancels it. */
export type StartTimer = (run: () => void, delayMs: number) => () => void;

/** The part of `process` that a lifecycle uses: events of signals and crashes. */
export interface ProcessEvents {
  on(event: string, listener: (payload: unknown) => void): unknown;
  off(event: string, listener: (payload: unknown) => void): unknown;
}

/** The options of a lifecycle. */
export interface LifecycleOptions {
  logger: Pick<Logger, 'info' | 'error'>;
  /** In order. Read when draining begins, so an application may append steps while it starts. */
  steps: readonly ShutdownStep[];
  /** Ends the process. Called once. Default: `process.exit`. */
  exit?: (code: number) => void;
  /** Limit of all steps together. After it the process exits with 1. */
  forceAfterMs: number;
  /** Default: `process`. */
  events?: ProcessEvents;
  startTimer?: StartTimer;
}

/** The lifecycle of one process. */
export interface Lifecycle {
  state(): LifecycleState;
  /** Marks the end of the start. Has no effect while draining, because a signal may arrive during the start. */
  markReady(): void;
  /**
   * Runs the steps, then exits: with 0 if none failed and nothing crashed, otherwise with 1. Further calls return the
   * same promise. It resolves after exit was called.
   *
   * @param reason an identifier for the log, without spaces
   */
  shutdown(reason: string): Promise<void>;
  /** Removes the handlers of signals and crashes. Does not end anything. */
  dispose(): void;
}

/** Handles SIGTERM, SIGINT, uncaught exceptions and unhandled rejections until the process ends. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { logger, exit = (code) => process.exit(code), events = process, startTimer = startRealTimer } = options;
  const logCrash = logOncePer(1_000, { write: logger.error });
  let state: LifecycleState = 'starting';
  let failures = 0;
  let draining: Promise<void> | undefined;

  const moveTo = (next: LifecycleState) => {
    assertTransition(state, next);
    state = next;
  };
  const stop = (code: number) => {
    moveTo('stopped');
    removeListeners();
    exit(code);
  };
  const drain = async (reason: string) => {
    moveTo('draining');
    logger.info('shutting down', { reason });
    const cancelForce = startTimer(() => {
      logger.error('shutdown took too long, exiting now', { limitMs: options.forceAfterMs });
      stop(1);
    }, options.forceAfterMs);
    for (const step of [...options.steps]) {
      if (state !== 'draining') return;
      if (!(await runStep(step, { logger, startTimer }))) failures += 1;
    }
    if (state !== 'draining') return;
    cancelForce();
    logger.info('shut down', { failures });
    stop(failures === 0 ? 0 : 1);
  };
  const shutdown = (reason: string) => (draining ??= drain(reason));
  const crash = (kind: string) => (error: unknown) => {
    failures += 1;
    logCrash('crashed', { kind, error });
    void shutdown(kind);
  };
  const removeListeners = listenTo(events, {
    SIGTERM: () => void shutdown('SIGTERM'),
    SIGINT: () => void shutdown('SIGINT'),
    uncaughtException: crash('uncaughtException'),
    unhandledRejection: crash('unhandledRejection'),
  });
  const markReady = () => {
    if (state === 'starting') moveTo('ready');
  };
  return { state: () => state, markReady, shutdown, dispose: removeListeners };
}

/** Runs a step. Returns false if it failed or exceeded its limit. */
async function runStep(
  { name, timeoutMs, run }: ShutdownStep,
  { logger, startTimer }: { logger: LifecycleOptions['logger']; startTimer: StartTimer },
): Promise<boolean> {
  let cancel = () => {};
  const overrun = new Promise<'overran'>((resolve) => {
    cancel = startTimer(() => resolve('overran'), timeoutMs);
  });
  try {
    const outcome = await Promise.race([Promise.resolve().then(run), overrun]);
    if (outcome !== 'overran') return true;
    logger.error('shutdown step took too long, continuing', { step: name, limitMs: timeoutMs });
  } catch (error) {
    logger.error('shutdown step failed, continuing', { step: name, error });
  } finally {
    cancel();
  }
  return false;
}

function listenTo(events: ProcessEvents, listeners: Record<string, (payload: unknown) => void>): () => void {
  for (const [event, listener] of Object.entries(listeners)) events.on(event, listener);
  return () => {
    for (const [event, listener] of Object.entries(listeners)) events.off(event, listener);
  };
}

function startRealTimer(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

/** @throws Error for a transition that is not allowed: a bug in this file, not in its callers */
export function assertTransition(from: LifecycleState, to: LifecycleState): void {
  if (!statesAfter(from).includes(to)) throw new Error(`a process cannot go from ${from} to ${to}`);
}

function statesAfter(state: LifecycleState): LifecycleState[] {
  switch (state) {
    case 'starting':
      return ['ready', 'draining'];
    case 'ready':
      return ['draining'];
    case 'draining':
      return ['stopped'];
    case 'stopped':
      return [];
    default:
      return unknownState(state);
  }
}

function unknownState(state: never): never {
  throw new Error(`unknown state ${String(state)}`);
}
