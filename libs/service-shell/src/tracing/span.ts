import type { ShutdownStep } from '../process/lifecycle';

/** What a span is to the process on its other side. */
export type SpanKind = 'server' | 'producer' | 'consumer' | 'internal';

/** Facts about a span: numbers, names of our own and ids, never a user's text. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** How a span starts. */
export interface SpanOptions {
  /** `internal` when left out. */
  kind?: SpanKind;
  /** A span of this process, or the `traceparent` of another's; a new trace begins without a valid one. */
  parent?: Span | string | undefined;
  /** Spans that this one belongs together with beside its parent. */
  links?: readonly Span[];
  /** On the clock of `performance.now()`; the present time when left out. */
  startedAtMs?: number;
}

/** One timed piece of work of a trace. */
export interface Span {
  /** W3C trace context for whoever continues the trace in another process; undefined outside every trace. */
  readonly traceparent: string | undefined;
  /** For log lines; undefined outside every trace. */
  readonly traceId: string | undefined;
  /** Whether it is recorded and exported. If not, attributes need not be made. */
  readonly isSampled: boolean;
  /** Adds facts; ignored after its end. */
  setAttributes(attributes: SpanAttributes): void;
  /** Marks it as failed. The type is a code of our own, such as an ErrorCode. */
  fail(errorType: string): void;
  /** Ends it, once. `endedAtMs` is on the clock of `performance.now()`; the present time when left out. */
  end(endedAtMs?: number): void;
}

/** Starts the spans of a process. */
export interface Tracing {
  startSpan(name: string, options?: SpanOptions): Span;
  /** Exports what has ended, as far as that goes quickly; to be run after the work is done. */
  readonly shutdownStep: ShutdownStep;
}

/** A span outside every trace, recorded nowhere. */
export const noSpan: Span = {
  traceparent: undefined,
  traceId: undefined,
  isSampled: false,
  setAttributes: () => undefined,
  fail: () => undefined,
  end: () => undefined,
};

/** The trace that an exemplar may point to: that of a span which is recorded. */
export function sampledTraceId(span: Span): string | undefined {
  return span.isSampled ? span.traceId : undefined;
}
