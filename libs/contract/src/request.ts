/** The most urgent priority is 0; a request without one gets it. */
export const priorityMax = 999;

/** Where a text that is too long loses tokens: `left` = from its start, so that its end is read. */
export type TruncationSide = 'left' | 'right';

/** A text that was longer than the model reads. Only documents are ever cut. */
export interface Truncation {
  /** Position of the document in the request. */
  index: number;
  /** Tokens of the whole document, without the model's own template. */
  tokens: number;
  keptTokens: number;
  /** UTF-16 code units of the document's text that the kept tokens cover, from its start, or from its end by `side`. */
  keptCharacters: number;
  /** Only there when it was cut from the left. */
  side?: 'left' | undefined;
}

/** One request to rank documents, whatever dialect it came in. Everything in it has been validated. */
export interface RerankRequest {
  /** As the caller wrote it; undefined stands for the default bundle. */
  model: string | undefined;
  query: string;
  /** For heads that take one; the others ignore it. */
  instruction: string | undefined;
  documents: string[];
  /** At most this many results, best first; undefined = all. */
  topN: number | undefined;
  returnDocuments: boolean;
  /** Answer with the logit, whose sigmoid is the score. */
  rawScores: boolean;
  /** Answer with the tokens of the query and of each document. */
  returnTokens: boolean;
  /** Cut each document to this many of its own tokens, where the model would keep more. */
  maxTokensPerDocument: number | undefined;
  /** Where documents that are too long are cut. */
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

/** The answer to a {@link RerankRequest}: best first, ties in the order of the request. */
export interface Ranking {
  requestId: string;
  /** Name and version of the bundle that scored. */
  bundle: BundleRef;
  results: RankedDocument[];
  truncated: Truncation[];
  /** Tokens that were read: the query once, then every kept document token. */
  tokens: { query: number; documents: number };
  /** Tokens that were read of each document, when asked for; null where an older worker did not say. */
  documentTokens?: (number | null)[];
  timings: Timings;
}

/** Milliseconds of the slowest part of a request. */
export interface Timings {
  queueMs: number;
  tokenizationMs: number;
  inferenceMs: number;
}

/** One model bundle; `<name>@<version>` is its queue. */
export interface BundleRef {
  name: string;
  version: string;
}

/** `<name>@<version>`: the queue's name, and the `queue` label of metrics. */
export function bundleKey(bundle: BundleRef): string {
  return `${bundle.name}@${bundle.version}`;
}
