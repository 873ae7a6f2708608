import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What quantized weights cost against fp32, measured when the bundle was made. */
export const quantizationCostSchema = z.object({
  pairs: count,
  queries: count,
  /** Differences of scores (0 to 1) of the same pair. */
  largestScoreDifference: z.number().nonnegative(),
  meanScoreDifference: z.number().nonnegative(),
  /** Spearman's rank correlation, the mean over the queries. */
  rankCorrelation: z.number().min(-1).max(1),
  /** Queries whose best document is another one. */
  changedFirstDocuments: count,
  /** Linear layers that stay fp32, because their inputs have outliers that 8 bits do not hold. */
  exactLayers: z.array(z.string().min(1)),
});

/** A live worker's announcement, refreshed by every heartbeat. Gateways have no other source about models. */
export const workerAnnouncementSchema = z.object({
  workerId: z.string(),
  bundle: z.object({ name: z.string(), version: z.string() }),
  /** Whether the bundle answers requests without a `model`. */
  isDefault: z.boolean(),
  aliases: z.array(z.string()),
  head: z.string(),
  /** Checksum or tag of the weights. */
  revision: z.string(),
  /** Origin of the weights (`org/name`), for readers. */
  source: z.string(),
  templateVersion: z.string(),
  takesInstruction: z.boolean(),
  /** Longest input in tokens. Longer documents are truncated. */
  maxLengthTokens: z.number().int().positive(),
  /** Tokens that the template adds to each document's row. */
  templateTokens: z.number().int().nonnegative().optional(),
  /** Whether the query is read again with each of its documents, as in a cross-encoder. */
  repeatsQuery: z.boolean().optional(),
  dtype: z.string(),
  quantization: quantizationCostSchema.optional(),
  provider: z.string(),
  sessions: z.number().int().positive(),
  batchTokens: z.number().int().positive(),
  /** Measured values: tokens per UTF-8 byte of text, and tokens per second of the whole worker. */
  tokensPerByte: z.number().positive().optional(),
  tokensPerSecond: z.number().positive().optional(),
});

export type WorkerAnnouncement = z.infer<typeof workerAnnouncementSchema>;
