export { loadBundle, openEncoder, tokenBudgetOf, weightFilesOf, type Bundle } from './bundle';
export { BundleError } from './bundle-error';
export { parseJsonFile, type JsonOrReason } from './json-file';
export { isDeviceLost, isOutOfMemory } from './onnx-errors';
export { openSession, readOutputs, type EncodedPair, type SessionOptions } from './onnx-session';
export { packModel } from './packed-model';
export { withPackedWeights, type NotPacked } from './packed-weights';
export { needsX64QuantPrecision, readProcessor, type Processor } from './processor';
export { switchOffTelemetry } from './telemetry';
