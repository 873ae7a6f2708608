export { ConfigError, assertSecretsAreTyped, describeConfig, parseConfig, type ConfigDescription } from './config';
export { booleanFlag, durationMs, list, logLevel, oneOf, port, secret, secretList, wholeNumber } from './config-fields';
export { readContainerUsage, usableCores, type ControlGroupFiles } from './container-usage';
export { failureLine } from './failure-line';
export {
  createHttpServer,
  httpRefusals,
  type AnswerRefusal,
  type HttpRefusal,
  type HttpServerParts,
  type RefusalAnswer,
  type Refused,
} from './http-server';
export {
  createLifecycle,
  type Lifecycle,
  type LifecycleOptions,
  type LifecycleState,
  type ProcessEvents,
  type ShutdownStep,
  type StartTimer,
} from './lifecycle';
export { closeServer, listen, type ListenOptions, type Listening } from './listen';
export { loggable, type LogFields } from './log-fields';
export {
  createLogger,
  logLevels,
  logOncePer,
  type LogLevel,
  type LogOnceOptions,
  type Logger,
  type LoggerOptions,
  type WriteLog,
} from './logger';
export { createNetworkCheck, networks } from './networks';
export { startOpsServer, type OpsServer, type OpsServerOptions, type Readiness } from './ops-server';
export {
  parseRedisUrl,
  redisFields,
  redisServer,
  redisUrl,
  type RedisAddress,
  type RedisLocation,
  type RedisServer,
} from './redis-server';
export { createSecret, createSecretCheck, type Secret } from './secret';
export {
  noSpan,
  sampledTraceId,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type SpanOptions,
  type Tracing,
} from './tracing/span';
export { parseTraceparent, type TraceContext } from './tracing/traceparent';
export { noTracing, startTracing, type TracingOptions } from './tracing/tracing';
