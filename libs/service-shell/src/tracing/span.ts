import type { ShutdownStep } from '../process/lifecycle';

/** The role of a span's process. */
export type SpanKind = 'server' | 'producer' | 'consumer' | 'internal';

/** Attributes of a span: numbers, constants and ids, never a user's text. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** The options of a new span. */
export interface SpanOptions {
  /** Default: `internal`. */
  kind?: SpanKind;
  /** A span of this process, or the `traceparent` of another. Without a valid one, a new trace begins. */
  parent?: Span | string | undefined;
  /** Related spans, besides the parent. */
  links?: readonly Span[];
  /** On the clock of `performance.now()`. Default: now. */
  startedAtMs?: number;
}

/** One timed operation of a trace. */
export interface Span {
  /** W3C trace context for another process; undefined outside of a trace. */
  readonly traceparent: string | undefined;
  /** For log lines; undefined outside of a trace. */
  readonly traceId: string | undefined;
  /** Whether the span is recorded and exported. If not, callers need not build attributes. */
  readonly isSampled: boolean;
  /** Adds attributes. Ignored after the end. */
  setAttributes(attributes: SpanAttributes): void;
  /** Marks the span as failed. The type is a constant, such as an ErrorCode. */
  fail(errorType: string): void;
  /** Ends the span. `endedAtMs` is on the clock of `performance.now()`. Default: now. */
  end(endedAtMs?: number): void;
}

/** Starts the spans of a process. */
export interface Tracing {
  startSpan(name: string, options?: SpanOptions): Span;
  /** Exports ended spans, within a short limit. Run it after the work is done. */
  readonly shutdownStep: ShutdownStep;
}

/** A span outside of a trace. It is not recorded. */
export const noSpan: Span = {
  traceparent: undefined,
  traceId: undefined,
  isSampled: false,
  setAttributes: () => undefined,
  fail: () => undefined,
  end: () => undefined,
};

/** The trace id for an exemplar: that of a span which is recorded; otherwise undefined. */
export function sampledTraceId(span: Span): string | undefined {
  return span.isSampled ? span.traceId : undefined;
}
