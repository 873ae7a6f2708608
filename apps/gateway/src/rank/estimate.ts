import type { RerankRequest, WorkerAnnouncement } from '@rerank-fleet/contract';

/** Tokens a UTF-8 byte makes before any worker has measured it. */
const tokensPerByteGuess = 0.3;
/** Below any language (Arabic 0.08, Korean 0.09): texts of white space must not make the next ones look cheap. */
const tokensPerByteMin = 0.05;
/**
 * UTF-16 code units a second that the one encoder of a worker is taken to get through. It reads a text to its end, also
 * where the model does not. Between ordinary text (0.8 to 2.8 million) and the slowest that was found (0.04 million):
 * docs/architecture/02-queue-and-admission.md.
 */
const encodedCharactersPerSecond = 250_000;
/** What a head's template adds to a text, where its workers do not say. */
const templateTokensGuess = 5;
/** The other fields of a job, in its JSON. */
const jobOverheadBytes = 600;

/** A request's cost as the gateway guesses it without a tokenizer, text by text. */
export interface RequestEstimate {
  query: TextEstimate;
  documents: TextEstimate[];
}

interface TextEstimate {
  tokens: number;
  bytes: number;
}

/**
 * Estimates from UTF-8 bytes with the ratio that the bundle's workers measured. A text costs what is read of it, and for
 * the rest as many tokens as a worker scores in the time that its encoder takes.
 */
export function estimate(request: RerankRequest, workers: readonly WorkerAnnouncement[]): RequestEstimate {
  const ratio = Math.max(tokensPerByteMin, mean(workers.map((worker) => worker.tokensPerByte)) ?? tokensPerByteGuess);
  const tokensPerUnreadCharacter =
    (mean(workers.map((worker) => worker.tokensPerSecond)) ?? 0) / encodedCharactersPerSecond;
  const longest = Math.max(...workers.map((worker) => worker.maxLengthTokens));
  const templateTokens = Math.max(...workers.map((worker) => worker.templateTokens ?? templateTokensGuess));
  const rates = { ratio, tokensPerUnreadCharacter };
  const query = ofText(request.query + (request.instruction ?? ''), { ...rates, addedTokens: templateTokens, longest });
  // a row of a cross-encoder holds its query as well
  const addedTokens = workers.some((worker) => worker.repeatsQuery) ? Math.min(longest, query.tokens) : templateTokens;
  const longestRow = Math.min(longest, (request.maxTokensPerDocument ?? longest) + addedTokens);
  return {
    query,
    documents: request.documents.map((document) => ofText(document, { ...rates, addedTokens, longest: longestRow })),
  };
}

interface TextCost {
  /** Tokens a UTF-8 byte. */
  ratio: number;
  /** What a UTF-16 code unit costs that is encoded and not read by the model. */
  tokensPerUnreadCharacter: number;
  /** What stands beside the text in its row. */
  addedTokens: number;
  /** Most tokens of the row. */
  longest: number;
}

function ofText(text: string, { ratio, tokensPerUnreadCharacter, addedTokens, longest }: TextCost): TextEstimate {
  const bytes = Buffer.byteLength(text);
  const ownTokens = Math.ceil(bytes * ratio);
  const unreadTokens = Math.max(0, ownTokens + addedTokens - longest);
  const unreadCharacters = text.length * Math.min(1, unreadTokens / Math.max(1, ownTokens));
  return {
    // as it lies in the job: JSON writes some characters with up to six times their bytes
    bytes: Buffer.byteLength(JSON.stringify(text)) + 1,
    tokens: ownTokens + addedTokens - unreadTokens + Math.ceil(unreadCharacters * tokensPerUnreadCharacter),
  };
}

/** Mean of the values that are there. */
export function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Consecutive documents of a request that make one job. */
export interface Part {
  first: number;
  count: number;
  cost: TextEstimate;
}

/**
 * Cuts a request into jobs of about `targetTokens` each, of equal cost, so that several workers share a large one.
 * Each job pays for the query once.
 */
export function split(estimated: RequestEstimate, targetTokens: number): Part[] {
  const total = estimated.documents.reduce((sum, document) => sum + document.tokens, 0);
  const share = total / Math.max(1, Math.round(total / targetTokens));
  const parts: Part[] = [];
  let documentTokens = 0;
  for (const [index, document] of estimated.documents.entries()) {
    // a part ends where the running total passes the next multiple of the share
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
