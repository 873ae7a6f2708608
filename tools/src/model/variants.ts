import type { Result } from '@rerank-fleet/contract';
import { indexFile, singleFile, type Precision } from '@rerank-fleet/onnx-export';
import type { Provider } from '@rerank-fleet/scoring';

/** Precision of the weights, as in the file names of exports. */
export const variants = ['int8', 'fp32', 'fp16', 'q4'] as const satisfies readonly Precision[];
export type Variant = (typeof variants)[number];

/** File names of each variant, the most common one first. */
const patterns: Record<Variant, RegExp[]> = {
  int8: [/^model_quantized\.onnx$/, /^model_int8\.onnx$/, /^[^/]*(?:q?u?int8|quantized)[^/]*\.onnx$/],
  fp32: [/^model\.onnx$/, /^(?!.*(?:int8|quantized|fp16|float16|q4|bnb4|_O4))[^/]*\.onnx$/],
  // O4 is the name of sentence-transformers for an optimised graph in half precision.
  fp16: [/^model_fp16\.onnx$/, /^(?!.*q4)[^/]*(?:fp16|float16|_O4)[^/]*\.onnx$/],
  q4: [/^model_q4\.onnx$/, /^[^/]*(?:q4|bnb4)[^/]*\.onnx$/],
};

/** Formats in which a repository has the weights of a model. */
export const weightFormats = ['onnx', 'safetensors'] as const;
export type WeightFormat = (typeof weightFormats)[number];

/** The file to begin with: an ONNX export, or safetensors (one file or the index of several). */
export type ChosenWeights = { kind: 'onnx'; path: string } | { kind: 'safetensors'; path: string };

/**
 * Chooses between the files of a repository that has both formats by whether its config.json names a known architecture:
 * then the weights are those of the model's owner, otherwise an ONNX export.
 */
export function chooseWeights(
  paths: readonly string[],
  { variant, from, isKnown }: { variant?: Variant | undefined; from?: WeightFormat | undefined; isKnown: boolean },
): Result<ChosenWeights, { message: string }> {
  const { hasExport, safetensors } = formatsOf(paths);
  const isExport = from === undefined ? hasExport && !(isKnown && safetensors !== undefined) : from === 'onnx';
  if (isExport) {
    const chosen = chooseModelFile(paths, variant);
    return chosen.ok ? { ...chosen, kind: 'onnx' } : chosen;
  }
  if (safetensors === undefined) return { ok: false, message: noWeights(paths) };
  return { ok: true, kind: 'safetensors', path: safetensors };
}

/** In which formats there are weights among the files of a repository. */
export function formatsOf(paths: readonly string[]): { hasExport: boolean; safetensors: string | undefined } {
  return {
    hasExport: paths.some((path) => path.endsWith('.onnx')),
    safetensors: [singleFile, indexFile].find((one) => paths.includes(one)),
  };
}

/** Weights of fewer bytes are left in fp32: the time of a call is spent elsewhere. */
const smallBytes = 32e6;

/** The precision that fits the machine, and why. */
export function defaultPrecision(
  provider: Provider,
  weightBytes: number,
): { precision: Exclude<Precision, 'q4'>; reason: string } {
  if (weightBytes < smallBytes)
    return { precision: 'fp32', reason: 'the model is so small that fewer bits gain nothing' };
  if (provider === 'cuda') return { precision: 'fp16', reason: 'for a GPU; serve it with PROVIDER=cuda' };
  return { precision: 'int8', reason: 'for a CPU' };
}

function noWeights(paths: readonly string[]): string {
  const hasPickles = paths.some((path) => /\.(?:bin|pt|pth|ckpt)$/.test(path));
  const pickles = hasPickles ? '; its pickles are not read, because they can run code' : '';
  return `it contains neither an ONNX file nor ${singleFile} or ${indexFile}${pickles}`;
}

export type ModelChoice = Result<{ path: string }, { message: string }>;

/**
 * Chooses the ONNX file: of the wanted variant, otherwise of the first one present in the order of {@link variants},
 * the fastest on a CPU first.
 */
export function chooseModelFile(
  paths: readonly string[],
  wanted?: Variant,
  architecture: string = process.arch,
): ModelChoice {
  const rank = (path: string): number => depthOf(path) + (isForOther(path, architecture) ? 1_000 : 0);
  const models = paths.filter((path) => path.endsWith('.onnx')).sort((a, b) => rank(a) - rank(b));
  if (models.length === 0) {
    return { ok: false, message: 'it contains no ONNX file: use a repository with an export, or export the model' };
  }
  for (const variant of wanted === undefined ? variants : [wanted]) {
    for (const pattern of patterns[variant]) {
      const path = models.find((one) => pattern.test(one.slice(one.lastIndexOf('/') + 1)));
      if (path !== undefined) return { ok: true, path };
    }
  }
  return { ok: false, message: `it has no ${wanted ?? variants.join(', ')} file; there is: ${models.join(', ')}` };
}

/** Whether a file's name shows that it was made for another processor architecture. */
function isForOther(path: string, architecture: string): boolean {
  return architecture === 'arm64' ? /avx/.test(path) : /arm64/.test(path);
}

const depthOf = (path: string): number => path.split('/').length;
