import type { Encoder, QueryInput } from './encoder';
import type { PromptTemplate } from '../manifest/manifest';
import { fitText, fitTokens, idsOf, tokenize, type FittedText } from '../tokenizer/fit-text';
import type { PlainTokenizer } from '../tokenizer/plain-tokenizer';
import { TokenizerError } from '../tokenizer/tokenizer-json';
import { encodedDocument, encodedQuery, queryTooLong } from './encoded';

export interface PromptEncoderOptions {
  template: PromptTemplate;
  maxLengthTokens: number;
  /** Further tokens that the head reads. The tokenizer must have them with these ids. */
  tokens: readonly { token: string; id: number }[];
  /** Whether the query's part is computed once and not read again per document. */
  isQueryKept: boolean;
}

/**
 * Encodes query and document in one text, as a chat model reads them: prefix and suffix as ids, the body between them
 * as plain text. Whatever the document is, the body splits into words right before the space in front of the document.
 * So both parts can be encoded separately and have the ids of the whole body.
 */
export function createPromptEncoder(tokenizer: PlainTokenizer, options: PromptEncoderOptions): Encoder {
  const { template, maxLengthTokens } = options;
  checkTokenizer(tokenizer, options);
  const bodyOf = bodyFiller(template);
  const fixedTokens = template.prefixIds.length + template.suffixIds.length;
  return {
    encodeQuery(input) {
      const headIds = tokenizer.ids(bodyOf(input));
      // one token is left for the document, or for the space before an empty one
      const limit = maxLengthTokens - fixedTokens - 1;
      if (headIds.length > limit) return queryTooLong(headIds.length, limit);
      return { ok: true, query: encodedQuery(Int32Array.from([...template.prefixIds, ...headIds])) };
    },
    encodeDocument(query, text, { maxTokensPerDocument = maxLengthTokens, truncationSide = 'right' }) {
      const room = maxLengthTokens - query.ids.length - template.suffixIds.length;
      const fit = truncationSide === 'left' ? fitDocumentEnd : fitDocument;
      const { ids, fitted } = fit(tokenizer, text, { room, maxTokensPerDocument });
      const rowIds = Int32Array.from([...ids, ...template.suffixIds]);
      const rowTokens = options.isQueryKept ? rowIds.length : query.ids.length + rowIds.length;
      const document = encodedDocument({ ids: rowIds, rowTokens }, fitted);
      const hasNoRoom = fitted.ids.length === 0 && fitted.truncation !== undefined;
      return hasNoRoom ? { ...document, hasNoRoom } : document;
    },
  };
}

interface DocumentLimits {
  /** Tokens left for the document and the space before it. */
  room: number;
  maxTokensPerDocument: number;
}

interface FittedDocument {
  /** Includes the space before the document. */
  ids: number[];
  /** The document alone. */
  fitted: FittedText;
}

/**
 * Fits the document with the space before it. If the first word includes the space, its token belongs to the document;
 * otherwise the space is a token of the template. `fitted` describes the document alone.
 */
function fitDocument(
  tokenizer: PlainTokenizer,
  text: string,
  { room, maxTokensPerDocument }: DocumentLimits,
): FittedDocument {
  const spaceId = tokenizer.ids(' ')[0];
  const fit = (limit: number): FittedText =>
    fitText(tokenizer, ` ${text}`, { limit: Math.min(room, limit), cut: 'token' });
  let led = fit(maxTokensPerDocument);
  const spaceTokens = led.ids[0] === spaceId ? 1 : 0;
  if (spaceTokens > 0 && led.truncation && maxTokensPerDocument < room) led = fit(maxTokensPerDocument + spaceTokens);
  const ids = led.ids.slice(spaceTokens);
  if (led.truncation === undefined) return { ids: led.ids, fitted: { ids } };
  const { tokens, keptTokens, keptCharacters } = led.truncation;
  const truncation = {
    tokens: tokens - spaceTokens,
    keptTokens: keptTokens - spaceTokens,
    keptCharacters: Math.max(0, keptCharacters - 1),
  };
  return { ids: led.ids, fitted: { ids, truncation } };
}

/**
 * As {@link fitDocument}, keeping the document's end. A space that is a token of the template stays; a space that the
 * first word includes is dropped with it.
 */
function fitDocumentEnd(
  tokenizer: PlainTokenizer,
  text: string,
  { room, maxTokensPerDocument }: DocumentLimits,
): FittedDocument {
  const full = tokenize(tokenizer, ` ${text}`);
  const ids = idsOf(full);
  const [spaceId] = tokenizer.ids(' ');
  const spaceIds = ids[0] !== undefined && ids[0] === spaceId ? [spaceId] : [];
  const limit = Math.min(room - spaceIds.length, maxTokensPerDocument);
  const tokens = full.tokens - spaceIds.length;
  if (tokens <= limit) return { ids, fitted: { ids: ids.slice(spaceIds.length) } };
  const end = fitTokens(tokenizer, full, { limit, cut: 'token', side: 'left' });
  const keptCharacters = Math.min(end.truncation?.keptCharacters ?? 0, text.length);
  const truncation = { tokens, keptTokens: end.ids.length, keptCharacters, side: 'left' as const };
  return { ids: [...spaceIds, ...end.ids], fitted: { ids: end.ids, truncation } };
}

const placeholder = /\{(instruction|query)\}/g;

/** Fills the body up to the space before the document. A text that contains a placeholder is not expanded again. */
function bodyFiller({ body, instruction }: PromptTemplate): (input: QueryInput) => string {
  const head = body.slice(0, -' {document}'.length);
  return (input) =>
    head.replace(placeholder, (_place, name) => (name === 'query' ? input.query : (input.instruction ?? instruction)));
}

const sampleDocuments = ['word', '字', '7', ' word', '\nword', '-', "'s", '\u0301'];

/**
 * Checks the tokenizer. If it lacks tokens of the head or has other ids for the template, it belongs to another model,
 * and every score would be wrong.
 */
function checkTokenizer(tokenizer: PlainTokenizer, { template, tokens }: PromptEncoderOptions): void {
  const lacking = [...template.controlTokens, ...tokens.map(({ token }) => token)].filter(
    (token) => tokenizer.idOf(token) === undefined,
  );
  if (lacking.length > 0) {
    throw new TokenizerError(
      `the tokens ${lacking.join(', ')}, which the head needs, are missing: it is not of the same model`,
    );
  }
  const wanted = [
    ['prefix', templateIds(tokenizer, template.prefix, template.controlTokens), template.prefixIds],
    ['suffix', templateIds(tokenizer, template.suffix, template.controlTokens), template.suffixIds],
    ...tokens.map(({ token, id }) => [token, [tokenizer.idOf(token)], [id]] as const),
  ] as const;
  for (const [what, found, ids] of wanted) {
    if (found.join() === ids.join()) continue;
    throw new TokenizerError(
      `the template's ${what} has ids ${found.join()}, but the manifest has ${ids.join()}: they are not of the same model`,
    );
  }
  const head = bodyFiller(template)({ query: 'query' });
  const splits = (document: string) =>
    tokenizer.ids(`${head} ${document}`).join() === [...tokenizer.ids(head), ...tokenizer.ids(` ${document}`)].join();
  if (tokenizer.kind === 'byte-level' && sampleDocuments.every(splits)) return;
  throw new TokenizerError("it does not split the template's body before the document, which a prompt template needs");
}

/** The ids of a part of a template. Its control tokens are encoded as such. */
export function templateIds(tokenizer: PlainTokenizer, text: string, controlTokens: readonly string[]): number[] {
  return splitAt(text, controlTokens).flatMap((part) =>
    controlTokens.includes(part) ? (tokenizer.idOf(part) ?? []) : tokenizer.ids(part),
  );
}

/** Splits a text into tokens and the parts between them. If two tokens begin at one position, the longer counts. */
function splitAt(text: string, tokens: readonly string[]): string[] {
  if (tokens.length === 0) return [text];
  const longestFirst = [...tokens].sort((a, b) => b.length - a.length);
  const pattern = longestFirst.map((token) => token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return text.split(new RegExp(`(${pattern})`)).filter((part) => part !== '');
}
