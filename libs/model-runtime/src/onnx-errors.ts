import { InvalidScoreError, LabelCountError } from '@rerank-fleet/scoring';
import { env } from 'onnxruntime-node';
import { BundleError } from './bundle-error';
import { cudaLinkError } from './cuda-link-error';

/** The version of onnxruntime. */
export const runtimeVersion = (): string => env.versions.node ?? env.versions.common;
const runtime = (): string => `onnxruntime ${runtimeVersion()}`;

type Explain = (match: RegExpExecArray, file: string) => string;

/** Messages of onnxruntime 1.30 when it cannot load or run a graph, and their meaning for the operator. */
const explanations: readonly [RegExp, Explain][] = [
  [
    /Opset (\d+) is under development[\s\S]*?till opset (\d+)/,
    (match, file) =>
      `${file} needs ONNX opset ${match[1]}, ${runtime()} here supports up to ${match[2]}: update onnxruntime-node or export the model with an older opset`,
  ],
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    (match, file) =>
      `${file} has ONNX IR version ${match[1]}, ${runtime()} here supports up to ${match[2]}: update onnxruntime-node or export the model with an older version`,
  ],
  [
    /([\w.:]+)\(-?\d+\) is not a registered function\/op/,
    (match, file) =>
      `${file} uses the operator ${match[1]}, which onnxruntime does not have (custom operators are not loaded): export the model without it`,
  ],
  [
    /External data path does not exist: "?(?:.*\/)?([^/"\s]+)"?/,
    (match, file) => `${file} keeps its weights in ${match[1]}, which is missing: download it into the same folder`,
  ],
  [
    /size to read: (\d+) given file_length: (\d+)/,
    (match, file) =>
      `the external data of ${file} is cut short: ${match[2]} bytes, but one tensor needs ${match[1]}: download it again`,
  ],
  [
    /indices element out of data bounds, idx=(\d+) must be within the inclusive range \[-\d+,(\d+)\]/,
    (match, file) =>
      `${file}: its embedding has ${Number(match[2]) + 1} rows, but the tokenizer has larger ids (${match[1]} was read): they are not of the same model`,
  ],
  [
    /ExecutionProvider_Cuda: Failed to load shared library|\[cuda\] backend not found/,
    () =>
      `CUDA cannot be used (${cudaLinkError()}): install onnxruntime's CUDA provider with CUDA 12 and cuDNN 9, as the container target cuda does, or set PROVIDER=cpu; libcuda.so.1 is the driver's, which a container has only with its device`,
  ],
  [
    /CUDA failure \d+: (.+?) ; GPU=/,
    (match, file) =>
      `${file} cannot be run with CUDA (${match[1]}): check with nvidia-smi that the device has a driver for CUDA 12 and free memory, check CUDA_VISIBLE_DEVICES, or set PROVIDER=cpu`,
  ],
  [/Protobuf parsing failed/, (_match, file) => `${file} is not a complete ONNX file: download it again`],
  [/does not have a graph/, (_match, file) => `${file} has no graph: download it again`],
];

/**
 * Converts an error of onnxruntime to one line that names the file. Unknown errors keep onnxruntime's last sentence.
 */
export function explainOnnxError(error: unknown, file: string): BundleError {
  if (error instanceof BundleError) return error;
  if (error instanceof InvalidScoreError) {
    return new BundleError(`${file} gives values that are not numbers: its weights are damaged, download it again`);
  }
  if (error instanceof LabelCountError) {
    return new BundleError(
      `${file} has ${error.labels} labels where the head sequence-classification needs 1: its scores are classes, not a relevance. Use a model with one label, or the head causal-yes-no for a language model`,
    );
  }
  const message = messageOf(error);
  for (const [pattern, explain] of explanations) {
    const match = pattern.exec(message);
    if (match !== null) return new BundleError(explain(match, file));
  }
  return new BundleError(`${file} cannot be used by onnxruntime: ${message.slice(-300)}`);
}

const outOfMemory =
  /failed to allocate memory|smaller than requested bytes|bad_alloc|out.of.memory|ALLOC(ATION)?_FAILED|array buffer allocation failed|Invalid typed array length/i;

/**
 * Whether a call failed because memory was exhausted, so that a smaller batch may succeed. It uses the message, because
 * the class of an error is lost between threads.
 */
export function isOutOfMemory(error: unknown): boolean {
  return outOfMemory.test(messageOf(error));
}

/**
 * Errors after which every further call in the process fails, by CUDA's numbers and names: a memory fault of the
 * device, an aborted kernel, a lost link, a lost device. Other CUDA failures, such as a launch that one shape of input
 * makes impossible, affect only their call.
 */
const deviceLost =
  /CUDA failure (46|100|214|220|226|700|702|709|71[04-9]|721|999): |CUDA_ERROR_(ILLEGAL_\w+|LAUNCH_(FAILED|TIMEOUT)|ASSERT|HARDWARE_STACK_ERROR|MISALIGNED_ADDRESS|INVALID_(ADDRESS_SPACE|PC)|ECC_UNCORRECTABLE|NVLINK_UNCORRECTABLE|CONTEXT_IS_DESTROYED|UNKNOWN)\b|illegal memory access|unspecified launch failure/;

/** Whether a call failed because the device is lost for this process. Another process may be able to use it. */
export function isDeviceLost(error: unknown): boolean {
  return deviceLost.test(messageOf(error));
}

/** Checks the shape, not the class: a native binding may throw errors of another realm. */
function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
}
