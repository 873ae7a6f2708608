import type { Encoder, QueryInput } from './encoder';
import type { PromptTemplate } from '../manifest/manifest';
import { fitText, fitTokens, idsOf, tokenize, type FittedText } from '../tokenizer/fit-text';
import type { PlainTokenizer } from '../tokenizer/plain-tokenizer';
import { TokenizerError } from '../tokenizer/tokenizer-json';
import { encodedDocument, encodedQuery, queryTooLong } from './encoded';

export interface PromptEncoderOptions {
  template: PromptTemplate;
  maxLengthTokens: number;
  /** Further tokens that the head reads, which the tokenizer must have under these ids. */
  tokens: readonly { token: string; id: number }[];
  /** The query's part is computed once and not read again for each document. */
  isQueryKept: boolean;
}

/**
 * Query and document in one text, as a chat model reads them: prefix and suffix as ids, between them the body as plain
 * text. The body splits into words right before the space that leads the document, whatever the document is, so both
 * parts are encoded apart with the ids that the whole body has.
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
  /** With the space that leads the document. */
  ids: number[];
  /** The document alone. */
  fitted: FittedText;
}

/**
 * The document with the space that leads it: where the first word takes the space in, the token is the document's, else
 * the space is a token of the template. `fitted` is about the document alone.
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
 * The same with the document's end. A space that is a token of the template stays where it is; one that the first word
 * takes in is lost with it.
 */
function fitDocumentEnd(
  tokenizer: PlainTokenizer,
  text: string,
  { room, maxTokensPerDocument }: DocumentLimits,
): FittedDocument {
  const whole = tokenize(tokenizer, ` ${text}`);
  const ids = idsOf(whole);
  const [spaceId] = tokenizer.ids(' ');
  const spaceIds = ids[0] !== undefined && ids[0] === spaceId ? [spaceId] : [];
  const limit = Math.min(room - spaceIds.length, maxTokensPerDocument);
  const tokens = whole.tokens - spaceIds.length;
  if (tokens <= limit) return { ids, fitted: { ids: ids.slice(spaceIds.length) } };
  const end = fitTokens(tokenizer, whole, { limit, cut: 'token', side: 'left' });
  const keptCharacters = Math.min(end.truncation?.keptCharacters ?? 0, text.length);
  const truncation = { tokens, keptTokens: end.ids.length, keptCharacters, side: 'left' as const };
  return { ids: [...spaceIds, ...end.ids], fitted: { ids: end.ids, truncation } };
}

const placeholder = /\{(instruction|query)\}/g;

/** Fills the body up to the space before the document; what stands for one text never fills the place of another. */
function bodyFiller({ body, instruction }: PromptTemplate): (input: QueryInput) => string {
  const head = body.slice(0, -' {document}'.length);
  return (input) =>
    head.replace(placeholder, (_place, name) => (name === 'query' ? input.query : (input.instruction ?? instruction)));
}

const sampleDocuments = ['word', '字', '7', ' word', '\nword', '-', "'s", '\u0301'];

/**
 * A tokenizer that lacks the tokens that the head needs, or spells the template otherwise, belongs to another model, and
 * every score would be wrong.
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
      `the template's ${what} has ids ${found.join()}, the manifest says ${ids.join()}: they are not of the same model`,
    );
  }
  const head = bodyFiller(template)({ query: 'query' });
  const splits = (document: string) =>
    tokenizer.ids(`${head} ${document}`).join() === [...tokenizer.ids(head), ...tokenizer.ids(` ${document}`)].join();
  if (tokenizer.kind === 'byte-level' && sampleDocuments.every(splits)) return;
  throw new TokenizerError("it does not split the template's body before the document, which a prompt template needs");
}

/** The ids of a part of a template, in which control tokens are what they are. */
export function templateIds(tokenizer: PlainTokenizer, text: string, controlTokens: readonly string[]): number[] {
  return splitAt(text, controlTokens).flatMap((part) =>
    controlTokens.includes(part) ? (tokenizer.idOf(part) ?? []) : tokenizer.ids(part),
  );
}

/** The text in parts, each of them one of the tokens or free of them; the longest token wins where two begin. */
function splitAt(text: string, tokens: readonly string[]): string[] {
  if (tokens.length === 0) return [text];
  const longestFirst = [...tokens].sort((a, b) => b.length - a.length);
  const pattern = longestFirst.map((token) => token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return text.split(new RegExp(`(${pattern})`)).filter((part) => part !== '');
}
