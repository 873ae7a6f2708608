import type { RerankRequest, WorkerAnnouncement } from '@rerank-fleet/contract';

/** Tokens per UTF-8 byte until a worker has measured them. */
const tokensPerByteGuess = 0.3;
/** Below any language (Arabic 0.08, Korean 0.09), so that white space cannot make later requests look cheap. */
const tokensPerByteMin = 0.05;
/**
 * Assumed speed of a worker's encoder, in UTF-16 code units per second. The encoder reads the whole text, also where
 * the model does not. Between ordinary text (0.8 to 2.8 million) and the slowest found (0.04 million):
 * docs/architecture/02-queue-and-admission.md.
 */
const encodedCharactersPerSecond = 250_000;
/** Tokens that a head's template adds per text, if its workers do not announce it. */
const templateTokensGuess = 5;
/** The other fields of a job in JSON. */
const jobOverheadBytes = 600;

/** The estimated cost of a request per text, without a tokenizer. */
export interface RequestEstimate {
  query: TextEstimate;
  documents: TextEstimate[];
}

interface TextEstimate {
  tokens: number;
  bytes: number;
}

/**
 * Estimates from UTF-8 bytes with the ratio that the bundle's workers measured. A text costs the tokens that the model
 * reads. For the rest it costs as many tokens as a worker scores in the time that its encoder takes.
 */
export function estimate(request: RerankRequest, workers: readonly WorkerAnnouncement[]): RequestEstimate {
  const ratio = Math.max(tokensPerByteMin, mean(workers.map((worker) => worker.tokensPerByte)) ?? tokensPerByteGuess);
  const tokensPerUnreadCharacter =
    (mean(workers.map((worker) => worker.tokensPerSecond)) ?? 0) / encodedCharactersPerSecond;
  const longest = Math.max(...workers.map((worker) => worker.maxLengthTokens));
  const templateTokens = Math.max(...workers.map((worker) => worker.templateTokens ?? templateTokensGuess));
  const rates = { ratio, tokensPerUnreadCharacter };
  const query = ofText(request.query + (request.instruction ?? ''), { ...rates, addedTokens: templateTokens, longest });
  // a row of a cross-encoder also contains its query
  const addedTokens = workers.some((worker) => worker.repeatsQuery) ? Math.min(longest, query.tokens) : templateTokens;
  const longestRow = Math.min(longest, (request.maxTokensPerDocument ?? longest) + addedTokens);
  return {
    query,
    documents: request.documents.map((document) => ofText(document, { ...rates, addedTokens, longest: longestRow })),
  };
}

interface TextCost {
  /** Tokens per UTF-8 byte. */
  ratio: number;
  /** Cost in tokens of a UTF-16 code unit that is encoded but not read by the model. */
  tokensPerUnreadCharacter: number;
  /** Tokens in the text's row besides the text. */
  addedTokens: number;
  /** Most tokens per row. */
  longest: number;
}

function ofText(text: string, { ratio, tokensPerUnreadCharacter, addedTokens, longest }: TextCost): TextEstimate {
  const bytes = Buffer.byteLength(text);
  const ownTokens = Math.ceil(bytes * ratio);
  const unreadTokens = Math.max(0, ownTokens + addedTokens - longest);
  const unreadCharacters = text.length * Math.min(1, unreadTokens / Math.max(1, ownTokens));
  return {
    // as in the job: JSON writes some characters with up to six times their bytes
    bytes: Buffer.byteLength(JSON.stringify(text)) + 1,
    tokens: ownTokens + addedTokens - unreadTokens + Math.ceil(unreadCharacters * tokensPerUnreadCharacter),
  };
}

/** Mean of the defined values; undefined if there are none. */
export function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Consecutive documents of a request that form one job. */
export interface Part {
  first: number;
  count: number;
  cost: TextEstimate;
}

/**
 * Splits a request into jobs of about `targetTokens` each, of equal cost, so that several workers share a large
 * request. Each job includes the cost of the query.
 */
export function split(estimated: RequestEstimate, targetTokens: number): Part[] {
  const total = estimated.documents.reduce((sum, document) => sum + document.tokens, 0);
  const share = total / Math.max(1, Math.round(total / targetTokens));
  const parts: Part[] = [];
  let documentTokens = 0;
  for (const [index, document] of estimated.documents.entries()) {
    // a part ends where the running total exceeds the next multiple of the share
    const startsPart = index === 0 || documentTokens + document.tokens / 2 > share * parts.length;
    if (startsPart) {
      const bytes = estimated.query.bytes + jobOverheadBytes;
      parts.push({ first: index, count: 0, cost: { tokens: estimated.query.tokens, bytes } });
    }
    const part = parts[parts.length - 1] as Part;
    part.count++;
    part.cost.tokens += document.tokens;
    part.cost.bytes += document.bytes;
    documentTokens += document.tokens;
  }
  return parts;
}
