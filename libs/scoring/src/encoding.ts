import type { Failure, TruncationSide } from '@rerank-fleet/contract';
import { createLateInteractionEncoder } from './encoders/late-interaction';
import { createPairEncoder } from './encoders/pair';
import { createPromptEncoder } from './encoders/prompt';
import { cachedQueryOf, type Manifest } from './manifest';
import type { TextTruncation } from './tokenizer/fit-text';
import { createPlainTokenizer, type PlainTokenizer } from './tokenizer/plain-tokenizer';
import { TokenizerError } from './tokenizer/tokenizer-json';

/** A query as token ids. Structured-cloneable. */
export interface EncodedQuery {
  /** Names what a session prepares for it: equal keys mean equal ids. */
  key: string;
  ids: Int32Array;
  /** Tokens that are read for it, template included. */
  tokens: number;
}

/** A document as token ids, cut where the model could not read on. Structured-cloneable. */
export interface EncodedDocument {
  ids: Int32Array;
  /** Length of its row in the graph: what a batch pays for it. */
  rowTokens: number;
  /** Tokens of the text itself that are read. */
  keptTokens: number;
  /** Only there when something was cut. */
  truncation?: TextTruncation;
  /** The query left no room for any of its tokens: the pair is not to be scored. */
  hasNoRoom?: true;
}

/** Text to token ids, for one bundle. Text never becomes a control token. */
export interface Encoder {
  /** A query is never cut: one that is too long is a failure `query_too_long`. */
  encodeQuery(input: QueryInput): QueryEncoding;
  /** Cuts the document to the model's length, or to `maxTokensPerDocument` of its own tokens. */
  encodeDocument(query: EncodedQuery, text: string, options: DocumentOptions): EncodedDocument;
}

export interface QueryInput {
  query: string;
  /** For templates that have a place for it; undefined = the template's own. */
  instruction?: string;
}

export type QueryEncoding = { ok: true; query: EncodedQuery } | { ok: false; failure: Failure };

export interface DocumentOptions {
  maxTokensPerDocument?: number;
  /** Which end loses tokens; the right one unless said. */
  truncationSide?: TruncationSide;
}

/** A query with the documents to score for it. */
export interface PairsInput extends QueryInput, DocumentOptions {
  documents: readonly string[];
}

export type PairsEncoding =
  { ok: true; query: EncodedQuery; documents: EncodedDocument[] } | { ok: false; failure: Failure };

/** Encodes a query and all its documents; a query that leaves no room for one of them is a failure `query_too_long`. */
export function encodePairs(
  encoder: Encoder,
  { documents, maxTokensPerDocument, truncationSide = 'right', ...input }: PairsInput,
): PairsEncoding {
  const encoded = encoder.encodeQuery(input);
  if (!encoded.ok) return encoded;
  const options = { truncationSide, ...(maxTokensPerDocument !== undefined && { maxTokensPerDocument }) };
  return encodeDocuments(encoder, encoded.query, { documents, ...options });
}

/** The same for a query that was encoded before. */
export function encodeDocuments(
  encoder: Encoder,
  query: EncodedQuery,
  { documents, ...options }: Omit<PairsInput, keyof QueryInput>,
): PairsEncoding {
  const encodedDocuments = documents.map((text) => encoder.encodeDocument(query, text, options));
  if (encodedDocuments.some((document) => document.hasNoRoom)) {
    const message = 'The query (with its instruction) leaves no room for a document. Queries are never cut.';
    return { ok: false, failure: { code: 'query_too_long', message, field: 'query' } };
  }
  return { ok: true, query, documents: encodedDocuments };
}

/**
 * The encoder of a bundle, from its manifest and the parsed tokenizer.json.
 * @throws TokenizerError (one line) when a part of the tokenizer is not run exactly, or when it is not the one that the
 * manifest was written for.
 */
export function createEncoder(manifest: Manifest, tokenizerJson: unknown): Encoder {
  const tokenizer = createPlainTokenizer(tokenizerJson);
  const maxLengthTokens = Math.min(manifest.maxLengthTokens, tokenizer.maxLengthTokens);
  const encoder = encoderOf({ ...manifest, maxLengthTokens }, tokenizer);
  if (tokenizer.vocabularySize > manifest.vocabularySize) {
    throw new TokenizerError(
      `the tokenizer has ids up to ${tokenizer.vocabularySize - 1}, the embedding ${manifest.vocabularySize} rows: they are not of the same model`,
    );
  }
  return encoder;
}

function encoderOf(manifest: Manifest, tokenizer: PlainTokenizer): Encoder {
  switch (manifest.head) {
    case 'late-interaction':
      return createLateInteractionEncoder(manifest, tokenizer);
    case 'causal-yes-no':
      return createPromptEncoder(tokenizer, {
        template: manifest.template,
        maxLengthTokens: manifest.maxLengthTokens,
        tokens: [manifest.answers.yes, manifest.answers.no],
        isQueryKept: cachedQueryOf(manifest) !== undefined,
      });
    case 'sequence-classification': {
      const { template, maxLengthTokens } = manifest;
      return template.kind === 'pair'
        ? createPairEncoder(tokenizer, { template, maxLengthTokens })
        : createPromptEncoder(tokenizer, { template, maxLengthTokens, tokens: [], isQueryKept: false });
    }
    default:
      return manifest satisfies never;
  }
}
