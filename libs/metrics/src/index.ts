export { catalogue } from './catalogue';
export type { ContainerReader, ContainerUsage } from './container-metrics';
export type {
  CounterDefinition,
  GaugeDefinition,
  HistogramDefinition,
  LabelDefinition,
  MetricDefinition,
} from './definition';
export { describeCatalogue, type MetricDescription } from './describe';
export { expositionTypes, type Exposition, type ExpositionFormat } from './exposition';
export {
  createGatewayMetrics,
  type EndpointDeclaration,
  type FeedbackFacts,
  type FinishedRequest,
  type GatewayMetrics,
  type GatewayMetricsOptions,
  type RankingFacts,
} from './gateway-metrics';
export type { GpuDevice, GpuSample } from './gpu-metrics';
export {
  dropReasons,
  feedbackKinds,
  goldenLanguages,
  otherLabel,
  probeOutcomes,
  queryLookups,
  queryTypes,
  queueStates,
  rejectedReasons,
  tokenKinds,
  type DropReason,
  type FeedbackKind,
  type GoldenLanguage,
  type ProbeOutcome,
  type QueryLookup,
  type QueryType,
  type QueueState,
  type RejectedReason,
  type TokenKind,
} from './labels';
export { createQualityProbeMetrics, type QualityProbeMetrics, type RoundFacts } from './quality-probe-metrics';
export { createQueueBoardMetrics, type QueueBoardMetrics, type QueueFacts } from './queue-board-metrics';
export { rejectedReason } from './rejected-reason';
export { createWorkerMetrics, type BatchFacts, type WorkerMetrics, type WorkerMetricsOptions } from './worker-metrics';
export { highScoreMin } from './worker-catalogue';
