import { createHash } from 'node:crypto';
import type { Failure } from '@rerank-fleet/contract';
import { fitText, type TextTruncation } from './fit-text';
import type { LateInteractionManifest, Manifest, TemplatePart } from './manifest';
import { createPlainTokenizer, TokenizerError, type PlainTokenizer } from './plain-tokenizer';

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
}

/** Text to token ids, for one bundle. Text never becomes a control token. */
export interface Encoder {
  /** A query is never cut: one that is too long is a failure `query_too_long`. */
  encodeQuery(input: { query: string; instruction?: string }): QueryEncoding;
  /** Cuts the document from the right to the model's length, or to `maxTokensPerDocument` of its own tokens. */
  encodeDocument(query: EncodedQuery, text: string, options: DocumentOptions): EncodedDocument;
}

export type QueryEncoding = { ok: true; query: EncodedQuery } | { ok: false; failure: Failure };

export interface DocumentOptions {
  maxTokensPerDocument?: number;
}

/**
 * The encoder of a bundle, from its manifest and the parsed tokenizer.json and tokenizer_config.json.
 * @throws TokenizerError (one line) when the tokenizer is not the one that the manifest was written for.
 */
export function createEncoder(manifest: Manifest, tokenizerJson: unknown, tokenizerConfig: unknown): Encoder {
  const tokenizer = createPlainTokenizer(tokenizerJson, tokenizerConfig);
  if (tokenizer.vocabularySize > manifest.vocabularySize) {
    throw new TokenizerError(
      `the tokenizer has ids up to ${tokenizer.vocabularySize - 1}, the embedding ${manifest.vocabularySize} rows: they are not of the same model`,
    );
  }
  return createLateInteractionEncoder(manifest, tokenizer);
}

function createLateInteractionEncoder(manifest: LateInteractionManifest, tokenizer: PlainTokenizer): Encoder {
  const { query: queryPart, document: documentPart } = manifest.template;
  checkPrefix(tokenizer, queryPart);
  checkPrefix(tokenizer, documentPart);
  const queryLimit = manifest.maxLengthTokens - overhead(queryPart);
  const documentLimit = manifest.maxLengthTokens - overhead(documentPart);
  return {
    encodeQuery({ query }) {
      const textIds = tokenizer.words(query).flatMap((word) => tokenizer.pieces(word).map((piece) => piece.id));
      if (textIds.length > queryLimit) return { ok: false, failure: queryTooLong(textIds.length, queryLimit) };
      const ids = insideTemplate(queryPart, textIds);
      return { ok: true, query: { key: keyOf(ids), ids, tokens: ids.length } };
    },
    encodeDocument(_query, text, { maxTokensPerDocument = documentLimit }) {
      const fitted = fitText(tokenizer, text, Math.min(documentLimit, maxTokensPerDocument));
      const ids = insideTemplate(documentPart, fitted.ids);
      const { truncation } = fitted;
      const document = { ids, rowTokens: ids.length, keptTokens: fitted.ids.length };
      return truncation === undefined ? document : { ...document, truncation };
    },
  };
}

function queryTooLong(tokens: number, limit: number): Failure {
  const message = `The query is ${tokens} tokens long; this model reads at most ${limit}. Queries are never cut.`;
  return { code: 'query_too_long', message, field: 'query', limit };
}

const overhead = (part: TemplatePart): number => part.prefixIds.length + part.suffixIds.length;

const insideTemplate = (part: TemplatePart, textIds: readonly number[]): Int32Array =>
  Int32Array.from([...part.prefixIds, ...textIds, ...part.suffixIds]);

const keyOf = (ids: Int32Array): string => createHash('sha256').update(ids).digest('base64url');

/** A tokenizer that spells the template otherwise belongs to another model, and every score would be wrong. */
function checkPrefix(tokenizer: PlainTokenizer, part: TemplatePart): void {
  const ids = tokenizer.words(part.prefix).flatMap((word) => tokenizer.pieces(word).map((piece) => piece.id));
  const wanted = part.prefixIds.slice(part.prefixIds.length - ids.length);
  if (ids.join() === wanted.join()) return;
  throw new TokenizerError(
    `the template's "${part.prefix}" has ids ${ids.join()}, the manifest says ${wanted.join()}: they are not of the same model`,
  );
}
