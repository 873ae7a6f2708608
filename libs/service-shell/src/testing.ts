import { SpanKind as SdkSpanKind, SpanStatusCode } from '@opentelemetry/api';
import { BasicTracerProvider, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Span, SpanKind, Tracing } from './tracing/span';
import { tracingOver } from './tracing/tracing-sdk';

/** A span that ended, as plain data. */
export interface EndedSpan {
  name: string;
  kind: SpanKind;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  attributes: Record<string, unknown>;
  /** Span ids. */
  links: string[];
  failed: boolean;
  durationMs: number;
}

/** Enabled tracing that keeps its spans in memory. */
export interface TestTracing {
  tracing: Tracing;
  /** Ended spans, in the order in which they ended. */
  ended: EndedSpan[];
  /** Names of the spans that have not ended. */
  open(): string[];
}

/** Tracing for tests. It follows the parent's sampling, otherwise records everything. Ending a span twice throws. */
export function startTestTracing(): TestTracing {
  const ended: EndedSpan[] = [];
  const open = new Map<string, string>();
  const processor: SpanProcessor = {
    onStart: (span) => void open.set(span.spanContext().spanId, span.name),
    onEnd(span) {
      open.delete(span.spanContext().spanId);
      ended.push(endedSpan(span));
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const { startSpan, shutdownStep } = tracingOver(provider, () => provider.shutdown());
  return {
    tracing: { startSpan: (name, options) => endingOnce(name, startSpan(name, options)), shutdownStep },
    ended,
    open: () => [...open.values()],
  };
}

function endingOnce(name: string, span: Span): Span {
  const { end } = span;
  let isEnded = false;
  return Object.assign(span, {
    end(endedAtMs?: number) {
      if (isEnded) throw new Error(`the span ${name} was ended twice`);
      isEnded = true;
      end(endedAtMs);
    },
  });
}

function endedSpan(span: ReadableSpan): EndedSpan {
  const [seconds, nanoseconds] = span.duration;
  return {
    name: span.name,
    kind: SdkSpanKind[span.kind].toLowerCase() as SpanKind,
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    attributes: { ...span.attributes },
    links: span.links.map((link) => link.context.spanId),
    failed: span.status.code === SpanStatusCode.ERROR,
    durationMs: seconds * 1_000 + nanoseconds / 1_000_000,
  };
}
