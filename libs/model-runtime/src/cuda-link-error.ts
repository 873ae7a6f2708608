import { dirname, join } from 'node:path';

/** The second library needs the first. */
const libraries = ['shared', 'cuda'].map((name) => `libonnxruntime_providers_${name}.so`);

/**
 * The dynamic linker's message for the library that prevents onnxruntime's CUDA provider from loading; onnxruntime
 * reports only that it does not load. Call it after onnxruntime has tried.
 */
export function cudaLinkError(): string {
  const { platform, arch } = process;
  const binding = join(dirname(require.resolve('onnxruntime-node')), '../bin/napi-v6', platform, arch);
  for (const library of libraries) {
    const error = linkError(join(binding, library));
    if (error !== undefined) return error;
  }
  return `its provider does not load on ${platform}/${arch}`;
}

function linkError(path: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, path);
  } catch (error) {
    const { message } = error as Error;
    // the library could be opened; it is not an add-on of Node
    return message.startsWith('Module did not self-register') ? undefined : message;
  }
  return undefined;
}
