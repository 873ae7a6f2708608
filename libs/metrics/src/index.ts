export { catalogue, gatewayCatalogue, highScoreMin, workerCatalogue } from './catalogue';
export type {
  CounterDefinition,
  GaugeDefinition,
  HistogramDefinition,
  LabelDefinition,
  MetricDefinition,
} from './definition';
export { describeCatalogue, type MetricDescription } from './describe';
export type { Exposition } from './exposition';
export {
  createGatewayMetrics,
  type EndpointDeclaration,
  type FinishedRequest,
  type GatewayMetrics,
  type GatewayMetricsOptions,
  type RankingFacts,
} from './gateway-metrics';
export {
  dropReasons,
  otherLabel,
  queryTypes,
  rejectedReasons,
  tokenKinds,
  type DropReason,
  type QueryType,
  type RejectedReason,
  type TokenKind,
} from './labels';
export { rejectedReason } from './rejected-reason';
export { createWorkerMetrics, type BatchFacts, type WorkerMetrics, type WorkerMetricsOptions } from './worker-metrics';
