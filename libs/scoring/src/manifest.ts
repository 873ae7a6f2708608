import { z } from 'zod';

/** The manifest layout that this code reads. */
export const manifestFormatVersion = 1;

const positive = z.number().int().positive();
const tokenId = z.number().int().nonnegative();
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dots, dashes and underscores only');

const fileSchema = z.strictObject({
  /** Relative to the bundle's folder, with forward slashes; never leaves it. */
  path: z.string().regex(/^(?!.*(^|\/)\.\.(\/|$))[^/\\][^\\]*$/, 'a relative path inside the bundle'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
  sizeBytes: positive,
});

const templatePartSchema = z.strictObject({
  /** What stands before the user's text, for people; the tokenizer must turn it into the end of `prefixIds`. */
  prefix: z.string(),
  prefixIds: z.array(tokenId),
  suffixIds: z.array(tokenId),
});

const commonFields = {
  formatVersion: z.literal(manifestFormatVersion),
  name,
  version: name,
  /** Other names that requests may use. */
  aliases: z.array(z.string().min(1)),
  /** Every file of the bundle by its role; a graph with external data lists it under a role of its own. */
  files: z.object({ model: fileSchema, tokenizer: fileSchema, tokenizerConfig: fileSchema }).catchall(fileSchema),
  /** Longest row of the graph in tokens, template included. */
  maxLengthTokens: positive,
  /** Most rows in one call of the graph. */
  maxRows: positive,
  /** Rows of the embedding table: token ids are below it. */
  vocabularySize: positive,
  /** Id that fills short rows, on the right. */
  paddingId: tokenId,
  takesInstruction: z.boolean(),
  /** Tokens a call should hold (longest row x rows) on each execution provider. */
  tokenBudget: z.strictObject({ cpu: positive }),
  tolerance: z.strictObject({
    /** Largest difference to golden.json on any kind of processor; `meanRaw` bounds the mean over its cases. */
    golden: z.strictObject({
      raw: z.number().positive(),
      score: z.number().positive(),
      meanRaw: z.number().positive(),
    }),
    /** Largest difference of a score on one machine, whatever the batch. */
    sameMachine: z.number().positive(),
    /** What differs between kinds of processor, for the operator. */
    note: z.string(),
  }),
  dtype: z.string().min(1),
  licence: z.string().min(1),
  /** Where the weights come from (`org/name`). */
  source: z.string().min(1),
  /** Checksum or tag of the weights. */
  revision: z.string().min(1),
};

const lateInteractionSchema = z.strictObject({
  ...commonFields,
  head: z.literal('late-interaction'),
  inputs: z.strictObject({
    inputIds: z.string().min(1),
    attentionMask: z.string().min(1),
    queryVectors: z.string().min(1),
    queryMask: z.string().min(1),
  }),
  outputs: z.strictObject({ tokenVectors: z.string().min(1), score: z.string().min(1) }),
  /** Numbers in one token vector. */
  vectorSize: positive,
  template: z.strictObject({ version: z.string().min(1), query: templatePartSchema, document: templatePartSchema }),
  /** logit = slope * (raw - midpoint). */
  calibration: z.strictObject({ slope: z.number(), midpoint: z.number() }),
});

/** manifest.json of one bundle: everything that tells a model from another. `head` decides which further parts it has. */
export const manifestSchema = z.discriminatedUnion('head', [lateInteractionSchema]);

export type Manifest = z.infer<typeof manifestSchema>;
export type LateInteractionManifest = Extract<Manifest, { head: 'late-interaction' }>;
export type BundleFile = z.infer<typeof fileSchema>;
export type TemplatePart = z.infer<typeof templatePartSchema>;

/** Checks a parsed manifest.json. On failure `reason` is one line that names the field at fault. */
export function parseManifest(json: unknown): { ok: true; manifest: Manifest } | { ok: false; reason: string } {
  const result = manifestSchema.safeParse(json);
  if (result.success) return { ok: true, manifest: result.data };
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const message = (issue?.message ?? 'not a manifest').replace(/\s+/g, ' ');
  return { ok: false, reason: field === '' ? message : `${field}: ${message}` };
}

/** Every input and output name that the bundle's graph must have. */
export function graphNames(manifest: Manifest): { inputs: string[]; outputs: string[] } {
  return { inputs: Object.values(manifest.inputs), outputs: Object.values(manifest.outputs) };
}
