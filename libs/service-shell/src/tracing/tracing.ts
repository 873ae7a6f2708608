import type { Logger } from '../logging/logger';
import { noSpan, type Span, type Tracing } from './span';
import { parseTraceparent } from './traceparent';
import { readTracingConfig } from './tracing-config';
import type * as Sdk from './tracing-sdk';

/** Tracing that is switched off: records nothing, and passes the trace of a caller on as it came. */
export const noTracing: Tracing = {
  startSpan: (_name, options) => continued(options?.parent),
  shutdownStep: { name: 'export-spans', timeoutMs: 1_000, run: () => undefined },
};

/** Its children are no spans of ours either, so each of them may stand for the same parent. */
function continued(parent: Span | string | undefined): Span {
  if (typeof parent !== 'string') return parent ?? noSpan;
  const context = parseTraceparent(parent);
  return context === undefined ? noSpan : { ...noSpan, traceparent: parent, traceId: context.traceId };
}

/** What tracing is started with. */
export interface TracingOptions {
  /** `gateway` or `worker`: the service is `reranker-<app>` unless the environment names it. */
  app: string;
  /** `process.env`: the SDK reads the variables that are its own from there by itself. */
  env: Readonly<Record<string, string | undefined>>;
  logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Starts tracing if the standard `OTEL_` variables ask for it. If not, no module of the SDK is even loaded.
 *
 * @throws ConfigError naming every variable at fault
 */
export function startTracing({ app, env, logger }: TracingOptions): Tracing {
  const config = readTracingConfig(env);
  if (config === undefined) return noTracing;
  // an import at the top would load the SDK always; lint allows this one file to be required
  const { startSdk } = require('./tracing-sdk') as typeof Sdk;
  return startSdk({ app, config, logger });
}
