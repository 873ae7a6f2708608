export { loadBundle, openEncoder, tokenBudgetOf, type Bundle } from './bundle';
export { BundleError } from './bundle-error';
export { isDeviceLost, isOutOfMemory } from './onnx-errors';
export { openSession, type SessionOptions } from './onnx-session';
export { warmUp } from './warm-up';
export { switchOffTelemetry } from './telemetry';
