/** The least urgent priority. 0 is the most urgent and the default. */
export const priorityMax = 999;

/** The end at which a text that is too long loses tokens. `left`: its start is cut off, and its end is read. */
export type TruncationSide = 'left' | 'right';

/** A text that was longer than the model reads. Only documents are ever truncated. */
export interface Truncation {
  /** Index of the document in the request. */
  index: number;
  /** Tokens of the whole document, without the model's template. */
  tokens: number;
  keptTokens: number;
  /** UTF-16 code units of the document's text that the kept tokens cover, from its start, or from its end by `side`. */
  keptCharacters: number;
  /** Present only if the start was cut off. */
  side?: 'left' | undefined;
}

/** A validated request to rank documents, independent of its dialect. */
export interface RerankRequest {
  /** As the caller wrote it. Undefined: the default bundle. */
  model: string | undefined;
  query: string;
  /** For heads that take one. Others ignore it. */
  instruction: string | undefined;
  documents: string[];
  /** Maximum number of results, best first. Undefined: all. */
  topN: number | undefined;
  returnDocuments: boolean;
  /** Whether to return logits. The score is the sigmoid of the logit. */
  rawScores: boolean;
  /** Whether to return the tokens of the query and of each document. */
  returnTokens: boolean;
  /** Maximum of a document's own tokens, if the model would read more. */
  maxTokensPerDocument: number | undefined;
  /** The end at which documents that are too long are truncated. */
  truncationSide: TruncationSide;
  /** 0 (most urgent) to {@link priorityMax}. */
  priority: number;
}

export interface RankedDocument {
  index: number;
  /** Relevance in [0, 1]: the sigmoid of `logit`. */
  score: number;
  logit: number;
}

/** The answer to a {@link RerankRequest}: best first, equal logits in the order of the request. */
export interface Ranking {
  requestId: string;
  /** Name and version of the bundle that scored. */
  bundle: BundleRef;
  results: RankedDocument[];
  truncated: Truncation[];
  /** Tokens that were read: the query once, and the kept tokens of all documents. */
  tokens: { query: number; documents: number };
  /** Tokens that were read of each document, if requested. Null: an older worker did not report them. */
  documentTokens?: (number | null)[];
  timings: Timings;
}

/** Milliseconds of the slowest part of a request. */
export interface Timings {
  queueMs: number;
  tokenizationMs: number;
  inferenceMs: number;
}

/** One model bundle. `<name>@<version>` is its queue. */
export interface BundleRef {
  name: string;
  version: string;
}

/** `<name>@<version>`: the queue's name, and the `queue` label of metrics. */
export function bundleKey(bundle: BundleRef): string {
  return `${bundle.name}@${bundle.version}`;
}
