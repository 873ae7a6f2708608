import { z } from 'zod';

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
  provider: z.string(),
  sessions: z.number().int().positive(),
  batchTokens: z.number().int().positive(),
  /** Measured values: tokens per UTF-8 byte of text, and tokens per second of the whole worker. */
  tokensPerByte: z.number().positive().optional(),
  tokensPerSecond: z.number().positive().optional(),
});

export type WorkerAnnouncement = z.infer<typeof workerAnnouncementSchema>;
