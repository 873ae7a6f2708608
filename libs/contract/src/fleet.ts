import { z } from 'zod';

/** What a live worker says of itself, refreshed with every heartbeat. Gateways know nothing else about models. */
export const workerAnnouncementSchema = z.object({
  workerId: z.string(),
  bundle: z.object({ name: z.string(), version: z.string() }),
  /** The bundle that answers requests without a `model`. */
  isDefault: z.boolean(),
  aliases: z.array(z.string()),
  head: z.string(),
  /** Checksum or tag of the weights. */
  revision: z.string(),
  /** Where the weights come from, for people (`org/name`). */
  source: z.string(),
  templateVersion: z.string(),
  takesInstruction: z.boolean(),
  /** Longest input in tokens; longer documents are cut. */
  maxLengthTokens: z.number().int().positive(),
  /** Tokens that the template adds to each document's row. */
  templateTokens: z.number().int().nonnegative().optional(),
  /** Whether the query is read again with each of its documents, as a cross-encoder does. */
  repeatsQuery: z.boolean().optional(),
  dtype: z.string(),
  provider: z.string(),
  sessions: z.number().int().positive(),
  batchTokens: z.number().int().positive(),
  /** Measured: tokens a UTF-8 byte of text makes, and tokens scored per second by the whole worker. */
  tokensPerByte: z.number().positive().optional(),
  tokensPerSecond: z.number().positive().optional(),
});

export type WorkerAnnouncement = z.infer<typeof workerAnnouncementSchema>;
