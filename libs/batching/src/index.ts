export type { Batch, BatchItem, CloseReason } from './batch';
export { createBatcher, defaultAgeingMsPerPriority, defaultMaxPaddingRatio } from './batcher';
export type { Batcher, BatcherOptions } from './batcher';
