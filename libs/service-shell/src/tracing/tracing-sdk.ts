import { randomUUID } from 'node:crypto';
import {
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind as SdkSpanKind,
  SpanStatusCode,
  TraceFlags,
  diag,
  trace,
  type Context,
  type Span as SdkSpan,
  type SpanContext,
} from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { ATTR_ERROR_TYPE, ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { logOncePer, type Logger } from '../logging/logger';
import type { Span, SpanKind, SpanOptions, Tracing } from './span';
import type { OtlpProtocol, SpanExporterName, TracingConfig } from './tracing-config';
import { parseTraceparent } from './traceparent';

/** How long the end of a process may wait for a collector. */
const exportLimitMs = 1_000;
/** An unreachable collector is logged at this interval, not with every batch of spans. */
const outageLogMs = 60_000;

/** The options of the SDK. */
export interface SdkOptions {
  app: string;
  config: TracingConfig;
  logger: Pick<Logger, 'info' | 'warn'>;
}

/** Starts the SDK. Spans wait in a bounded queue; spans that do not fit are dropped, so that no request waits. */
export function startSdk({ app, config, logger }: SdkOptions): Tracing {
  const { exporters, protocol } = config;
  reportTo(logger);
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({ [ATTR_SERVICE_NAME]: `reranker-${app}`, [ATTR_SERVICE_INSTANCE_ID]: randomUUID() }),
      )
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: exporters.map((exporter) => processorOf(exporter, protocol)),
  });
  logger.info('tracing is on', { exporters, protocol });
  return tracingOver(provider, () => exportRest(provider, logger));
}

function processorOf(exporter: SpanExporterName, protocol: OtlpProtocol): SpanProcessor {
  switch (exporter) {
    case 'otlp':
      return new BatchSpanProcessor(protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter());
    case 'console':
      return new SimpleSpanProcessor(new ConsoleSpanExporter());
    default:
      return unknownExporter(exporter);
  }
}

function unknownExporter(exporter: never): never {
  throw new Error(`unknown exporter ${String(exporter)}`);
}

/** Logs the SDK's own errors, with a rate limit. */
function reportTo({ warn }: Pick<Logger, 'warn'>): void {
  const log = logOncePer(outageLogMs, { write: warn });
  const report = (message: string) => log('the tracing SDK reports a problem', { error: new Error(message) });
  const ignore = () => undefined;
  diag.setLogger(
    { error: report, warn: report, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  setGlobalErrorHandler((error) => log('spans could not be exported', { error }));
}

/**
 * Exports the remaining spans. Never rejects and has a time limit, so a missing collector does not delay the shutdown.
 */
async function exportRest(provider: BasicTracerProvider, logger: Pick<Logger, 'warn'>): Promise<void> {
  const exported = provider.shutdown().then(
    () => true,
    () => false,
  );
  let limit: NodeJS.Timeout | undefined;
  const overrun = new Promise<boolean>((resolve) => (limit = setTimeout(() => resolve(false), exportLimitMs)));
  if (!(await Promise.race([exported, overrun]))) logger.warn('the last spans were not exported');
  clearTimeout(limit);
}

/** A span of this process with its context in the SDK. */
interface RecordedSpan extends Span {
  readonly context: SpanContext;
}

/** Implements {@link Tracing} with a provider of the SDK. */
export function tracingOver(provider: BasicTracerProvider, exportSpans: () => Promise<void>): Tracing {
  const tracer = provider.getTracer('rerank-fleet');
  return {
    startSpan(name, options = {}) {
      const { kind = 'internal', parent, links = [], startedAtMs } = options;
      const started = tracer.startSpan(
        name,
        {
          kind: kinds[kind],
          links: links.flatMap((link) => contextOf(link) ?? []).map((context) => ({ context })),
          ...(startedAtMs !== undefined && { startTime: startedAtMs }),
        },
        under(parent),
      );
      return spanOver(started);
    },
    shutdownStep: { name: 'export-spans', timeoutMs: 2 * exportLimitMs, run: exportSpans },
  };
}

const kinds: Record<SpanKind, SdkSpanKind> = {
  server: SdkSpanKind.SERVER,
  producer: SdkSpanKind.PRODUCER,
  consumer: SdkSpanKind.CONSUMER,
  internal: SdkSpanKind.INTERNAL,
};

function under(parent: SpanOptions['parent']): Context {
  const context = typeof parent === 'string' ? remoteContext(parent) : parent && contextOf(parent);
  return context === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
}

function remoteContext(traceparent: string): SpanContext | undefined {
  const context = parseTraceparent(traceparent);
  if (context === undefined) return undefined;
  const { traceId, spanId, isSampled } = context;
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

function contextOf(span: Span): SpanContext | undefined {
  return 'context' in span ? (span as RecordedSpan).context : undefined;
}

function spanOver(span: SdkSpan): RecordedSpan {
  const context = span.spanContext();
  const { traceId, spanId, traceFlags } = context;
  return {
    context,
    traceId,
    isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0,
    get traceparent() {
      return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;
    },
    setAttributes(attributes) {
      if (span.isRecording()) span.setAttributes(attributes);
    },
    fail(errorType) {
      span.setAttribute(ATTR_ERROR_TYPE, errorType).setStatus({ code: SpanStatusCode.ERROR });
    },
    end(endedAtMs) {
      span.end(endedAtMs);
    },
  };
}
