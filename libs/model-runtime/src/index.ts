export { loadBundle, openEncoder, type Bundle } from './bundle';
export { BundleError } from './bundle-error';
export { isOutOfMemory } from './onnx-errors';
export { openSession, type Provider, type SessionOptions } from './onnx-session';
export { warmUp } from './warm-up';
