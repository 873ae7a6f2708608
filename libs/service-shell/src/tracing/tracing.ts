import type { Logger } from '../logging/logger';
import { noSpan, type Span, type Tracing } from './span';
import { parseTraceparent } from './traceparent';
import { readTracingConfig } from './tracing-config';
import type * as Sdk from './tracing-sdk';

/** Disabled tracing. It records nothing, and passes on a caller's trace unchanged. */
export const noTracing: Tracing = {
  startSpan: (_name, options) => continued(options?.parent),
  shutdownStep: { name: 'export-spans', timeoutMs: 1_000, run: () => undefined },
};

/** A span that continues its parent's trace without being recorded. Its children have the same parent. */
function continued(parent: Span | string | undefined): Span {
  if (typeof parent !== 'string') return parent ?? noSpan;
  const context = parseTraceparent(parent);
  return context === undefined ? noSpan : { ...noSpan, traceparent: parent, traceId: context.traceId };
}

/** The options of tracing. */
export interface TracingOptions {
  /** `gateway` or `worker`. The service is `reranker-<app>` unless the environment names it. */
  app: string;
  /** `process.env`: the SDK reads its own variables from there. */
  env: Readonly<Record<string, string | undefined>>;
  logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Starts tracing if the standard `OTEL_` variables enable it. Otherwise, no module of the SDK is loaded.
 *
 * @throws ConfigError that names every invalid variable
 */
export function startTracing({ app, env, logger }: TracingOptions): Tracing {
  const config = readTracingConfig(env);
  if (config === undefined) return noTracing;
  // an import at the top would always load the SDK; lint allows `require` for this one file
  const { startSdk } = require('./tracing-sdk') as typeof Sdk;
  return startSdk({ app, config, logger });
}
