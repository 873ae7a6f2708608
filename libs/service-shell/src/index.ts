export {
  ConfigError,
  assertSecretsAreTyped,
  describeConfig,
  parseConfig,
  type ConfigDescription,
} from './config/config';
export {
  booleanFlag,
  durationMs,
  list,
  logLevel,
  oneOf,
  port,
  secret,
  secretList,
  wholeNumber,
} from './config/config-fields';
export { readContainerUsage, usableCores, type ControlGroupFiles } from './process/container-usage';
export { failureLine } from './process/failure-line';
export {
  createHttpServer,
  httpRefusals,
  type AnswerRefusal,
  type HttpRefusal,
  type HttpServerParts,
  type RefusalAnswer,
  type Refused,
} from './http/http-server';
export {
  createLifecycle,
  type Lifecycle,
  type LifecycleOptions,
  type LifecycleState,
  type ProcessEvents,
  type ShutdownStep,
  type StartTimer,
} from './process/lifecycle';
export { runApp, type App, type RunningApp } from './process/run-app';
export { closeServer, listen, type ListenOptions, type Listening } from './http/listen';
export { loggable, type LogFields } from './logging/log-fields';
export {
  createLogger,
  logLevels,
  logOncePer,
  type LogLevel,
  type LogOnceOptions,
  type Logger,
  type LoggerOptions,
  type WriteLog,
} from './logging/logger';
export { createNetworkCheck, networks } from './config/networks';
export { startOpsServer, type OpsServer, type OpsServerOptions, type Readiness } from './http/ops-server';
export {
  parseRedisUrl,
  redisFields,
  redisServer,
  redisUrl,
  type RedisAddress,
  type RedisLocation,
  type RedisServer,
} from './config/redis-server';
export { createSecret, createSecretCheck, type Secret } from './config/secret';
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
