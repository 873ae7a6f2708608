import type { Result } from '@rerank-fleet/contract';
/** Precision of the weights, as in the file names of exports. */
export const variants = ['int8', 'fp32', 'fp16', 'q4'] as const;
export type Variant = (typeof variants)[number];

/** File names of each variant, the most common one first. */
const patterns: Record<Variant, RegExp[]> = {
  int8: [/^model_quantized\.onnx$/, /^model_int8\.onnx$/, /^[^/]*(?:q?u?int8|quantized)[^/]*\.onnx$/],
  fp32: [/^model\.onnx$/, /^(?!.*(?:int8|quantized|fp16|float16|q4|bnb4|_O4))[^/]*\.onnx$/],
  // O4 is the name of sentence-transformers for an optimised graph in half precision.
  fp16: [/^model_fp16\.onnx$/, /^(?!.*q4)[^/]*(?:fp16|float16|_O4)[^/]*\.onnx$/],
  q4: [/^model_q4\.onnx$/, /^[^/]*(?:q4|bnb4)[^/]*\.onnx$/],
};

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
