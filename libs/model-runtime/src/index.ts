export { loadBundle, openEncoder, tokenBudgetOf, type Bundle } from './bundle';
export { BundleError } from './bundle-error';
export { parseJsonFile, type JsonOrReason } from './json-file';
export { isDeviceLost, isOutOfMemory } from './onnx-errors';
export { openSession, type SessionOptions } from './onnx-session';
export { switchOffTelemetry } from './telemetry';
