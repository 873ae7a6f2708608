export { loadBundle, openEncoder, type Bundle } from './bundle';
export { findBundleFolder, listBundleFolders, type BundleFolder } from './bundle-folder';
export { BundleError } from './bundle-error';
export { isOutOfMemory } from './onnx-errors';
export { openSession, type Provider, type SessionOptions } from './onnx-session';
export { warmUp } from './warm-up';
