import { quantizationCostSchema, type Result } from '@rerank-fleet/contract';
import { z } from 'zod';

/** The manifest format that this code reads. */
export const manifestFormatVersion = 1;

/** Execution providers, by onnxruntime's names. */
export const providers = ['cpu', 'cuda'] as const;
export type Provider = (typeof providers)[number];

const positive = z.number().int().positive();
const tokenId = z.number().int().nonnegative();
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dots, dashes and underscores only');

const fileSchema = z.strictObject({
  /** Relative to the bundle's folder, with forward slashes. Never leaves the folder. */
  path: z.string().regex(/^(?!.*(^|\/)\.\.(\/|$))[^/\\][^\\]*$/, 'a relative path inside the bundle'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
  sizeBytes: positive,
});

const templatePartSchema = z.strictObject({
  /** The text before the user's text, for readers. The tokenizer must convert it into the end of `prefixIds`. */
  prefix: z.string(),
  prefixIds: z.array(tokenId),
  suffixIds: z.array(tokenId),
});

const commonFields = {
  formatVersion: z.literal(manifestFormatVersion),
  name,
  version: name,
  /** Additional names for requests. */
  aliases: z.array(z.string().min(1)),
  /** Every file of the bundle by its role. External data of a graph has a role of its own. */
  files: z.object({ model: fileSchema, tokenizer: fileSchema, tokenizerConfig: fileSchema }).catchall(fileSchema),
  /** Longest row of the graph in tokens, including the template. */
  maxLengthTokens: positive,
  /** Maximum number of rows per call of the graph. */
  maxRows: positive,
  /** Rows of the embedding table. Token ids are smaller. */
  vocabularySize: positive,
  /** Id that pads short rows, on the right. */
  paddingId: tokenId,
  takesInstruction: z.boolean(),
  /**
   * Whether pairs of the 8-bit weights are so large that their products overflow where a processor adds them in 16 bits
   * (x86-64 without VNNI and AMX), without an error. Sessions on such processors then use slower, exact sums; others
   * are exact anyway.
   */
  exactInt8Sums: z.boolean().optional(),
  /** Tokens per call (longest row x rows) for each provider. A provider without a budget does not run this bundle. */
  tokenBudget: z.strictObject({ cpu: positive, cuda: positive.optional() } satisfies Record<Provider, z.ZodType>),
  tolerance: z.strictObject({
    /** Largest difference from golden.json on any kind of processor. `meanRaw` limits the mean over its cases. */
    golden: z.strictObject({
      raw: z.number().positive(),
      score: z.number().positive(),
      meanRaw: z.number().positive(),
    }),
    /** Largest difference of a score on one machine, for any batch. */
    sameMachine: z.number().positive(),
    /** What differs between kinds of processor, for the operator. */
    note: z.string(),
  }),
  dtype: z.string().min(1),
  /** What quantized weights cost against fp32, measured on the machine that made the bundle. */
  quantization: quantizationCostSchema.strict().optional(),
  licence: z.string().min(1),
  /** Origin of the weights (`org/name`). */
  source: z.string().min(1),
  /** Checksum or tag of the weights. */
  revision: z.string().min(1),
};

const graphName = z.string().min(1);

const lateInteractionSchema = z.strictObject({
  ...commonFields,
  head: z.literal('late-interaction'),
  inputs: z.strictObject({
    inputIds: graphName,
    attentionMask: graphName,
    queryVectors: graphName,
    queryMask: graphName,
  }),
  outputs: z.strictObject({ tokenVectors: graphName, score: graphName }),
  /** Length of one token vector. */
  vectorSize: positive,
  template: z.strictObject({ version: z.string().min(1), query: templatePartSchema, document: templatePartSchema }),
  /** logit = slope * (raw - midpoint). */
  calibration: z.strictObject({ slope: z.number(), midpoint: z.number() }),
});

/** Query and document as two texts with control tokens between them, as in BERT and XLM-RoBERTa. */
const pairTemplateSchema = z.strictObject({
  kind: z.literal('pair'),
  version: z.string().min(1),
  startIds: z.array(tokenId),
  betweenIds: z.array(tokenId),
  endIds: z.array(tokenId),
  /** Token type of the document's part, for graphs that take types. The query's is 0. Default: 1. */
  documentTypeId: z.union([z.literal(0), z.literal(1)]).optional(),
});

const documentPlace = /^(?!.*\{document\}.*\{document\}).*[^\s] \{document\}$/s;

/** Query and document in one text, as in chat models. */
const promptTemplateSchema = z.strictObject({
  kind: z.literal('prompt'),
  version: z.string().min(1),
  /** The text before the body, including control tokens, and its ids. */
  prefix: z.string(),
  prefixIds: z.array(tokenId).min(1),
  /** Text with `{instruction}` (if the model takes one), `{query}` and, at its end after one space, `{document}`. */
  body: z
    .string()
    .regex(documentPlace, 'must end with its only {document}, after one space')
    .refine((body) => body.split('{query}').length === 2, 'must contain {query} once'),
  suffix: z.string(),
  suffixIds: z.array(tokenId).min(1),
  /** Every control token in prefix and suffix. */
  controlTokens: z.array(z.string().min(1)),
  /** The value of `{instruction}` for requests without one. */
  instruction: z.string(),
});

/**
 * Names contain `{layer}`, which is replaced by 0 to `layers` - 1. Each has the shape [rows, heads, tokens, headSize].
 */
const cacheSchema = z.strictObject({
  pastKey: graphName,
  pastValue: graphName,
  presentKey: graphName,
  presentValue: graphName,
  layers: positive,
  keyValueHeads: positive,
  headSize: positive,
  dtype: z.enum(['float32', 'float16']),
  /** Whether the graph takes only one row per call with a cached query (GroupQueryAttention). */
  oneRow: z.boolean(),
  /** Whether the graph takes the past of one row for all rows of a call. Otherwise it takes a copy per row. */
  sharesPast: z.boolean().optional(),
});

const sequenceClassificationSchema = z
  .strictObject({
    ...commonFields,
    head: z.literal('sequence-classification'),
    inputs: z.strictObject({
      inputIds: graphName,
      attentionMask: graphName,
      /** 0 for the query's part, 1 for the document's. Only for graphs that take it. */
      tokenTypeIds: graphName.optional(),
      positionIds: graphName.optional(),
    }),
    outputs: z.strictObject({ logits: graphName }),
    /** Keys and values of earlier tokens, for graphs of causal models that take them. Only with a prompt. */
    cache: cacheSchema.optional(),
    template: z.discriminatedUnion('kind', [pairTemplateSchema, promptTemplateSchema]),
  })
  .refine(({ cache, template }) => cache === undefined || template.kind === 'prompt', {
    path: ['cache'],
    message: 'only with a template of the kind prompt',
  });

const answerTokenSchema = z.strictObject({ token: z.string().min(1), id: tokenId });

const causalYesNoSchema = z.strictObject({
  ...commonFields,
  head: z.literal('causal-yes-no'),
  inputs: z.strictObject({
    inputIds: graphName,
    attentionMask: graphName,
    positionIds: graphName.optional(),
    /**
     * Row and column of each row's last token, [rows, 1, 2], for graphs that return logits only there. Other graphs
     * return them for every token: 0.6 MB per token with a vocabulary of 150,000, and a third of the work.
     */
    lastTokens: graphName.optional(),
  }),
  outputs: z.strictObject({ logits: graphName }),
  /** Keys and values of earlier tokens, for graphs that take them. */
  cache: cacheSchema.optional(),
  template: promptTemplateSchema,
  /** The two tokens whose logits are compared. */
  answers: z.strictObject({ yes: answerTokenSchema, no: answerTokenSchema }),
});

/** manifest.json of one bundle: all differences between models. `head` decides which further parts it has. */
export const manifestSchema = z.discriminatedUnion('head', [
  lateInteractionSchema,
  sequenceClassificationSchema,
  causalYesNoSchema,
]);

export type Manifest = z.infer<typeof manifestSchema>;
export type HeadName = Manifest['head'];
export type LateInteractionManifest = Extract<Manifest, { head: 'late-interaction' }>;
export type SequenceClassificationManifest = Extract<Manifest, { head: 'sequence-classification' }>;
export type CausalYesNoManifest = Extract<Manifest, { head: 'causal-yes-no' }>;
export type BundleFile = z.infer<typeof fileSchema>;
export type TemplatePart = z.infer<typeof templatePartSchema>;
export type PairTemplate = z.infer<typeof pairTemplateSchema>;
export type PromptTemplate = z.infer<typeof promptTemplateSchema>;
export type CacheNames = z.infer<typeof cacheSchema>;

/** Checks a parsed manifest.json. On failure, `reason` is one line that names the invalid field. */
export function parseManifest(json: unknown): Result<{ manifest: Manifest }, { reason: string }> {
  const result = manifestSchema.safeParse(json);
  if (result.success) return { ok: true, manifest: result.data };
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const message = (issue?.message ?? 'not a manifest').replace(/\s+/g, ' ');
  return { ok: false, reason: field === '' ? message : `${field}: ${message}` };
}

/** Every input and output name that the bundle's graph must have. */
export function graphNames(manifest: Manifest): { inputs: string[]; outputs: string[] } {
  const inputs = Object.values(manifest.inputs).filter((name) => name !== undefined);
  const outputs = Object.values(manifest.outputs);
  if (!('cache' in manifest) || manifest.cache === undefined) return { inputs, outputs };
  const { pastKey, pastValue, presentKey, presentValue, layers } = manifest.cache;
  const ofLayers = (...names: string[]): string[] =>
    Array.from({ length: layers }, (_, layer) => names.map((name) => layerName(name, layer))).flat();
  return {
    inputs: [...inputs, ...ofLayers(pastKey, pastValue)],
    outputs: [...outputs, ...ofLayers(presentKey, presentValue)],
  };
}

/**
 * The cache of a graph that keeps keys and values of the query's part; undefined if there is none. Half precision is
 * not cached, because it would be widened and narrowed again in every call.
 */
export function cachedQueryOf({ cache }: { head: HeadName; cache?: CacheNames | undefined }): CacheNames | undefined {
  return cache?.dtype === 'float32' ? cache : undefined;
}

/** What a row of the graph contains besides the document's own tokens. */
export interface RowCost {
  /** Tokens of the template. */
  templateTokens: number;
  /** Whether the query is read again with each of its documents. */
  repeatsQuery: boolean;
}

export function rowCostOf(manifest: Manifest): RowCost {
  if (manifest.head === 'late-interaction') {
    const { prefixIds, suffixIds } = manifest.template.document;
    return { templateTokens: prefixIds.length + suffixIds.length, repeatsQuery: false };
  }
  const { template } = manifest;
  const lengthOf = (parts: number[][]): number => parts.reduce((sum, part) => sum + part.length, 0);
  if (template.kind === 'pair') {
    return { templateTokens: lengthOf([template.startIds, template.betweenIds, template.endIds]), repeatsQuery: true };
  }
  if (cachedQueryOf(manifest) !== undefined) return { templateTokens: template.suffixIds.length, repeatsQuery: false };
  return { templateTokens: lengthOf([template.prefixIds, template.suffixIds]), repeatsQuery: true };
}

/** The name of one layer's input or output. */
export function layerName(name: string, layer: number): string {
  return name.replace('{layer}', String(layer));
}
