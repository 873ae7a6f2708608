import type { Encoder } from './encoder';
import type { LateInteractionManifest, TemplatePart } from '../manifest/manifest';
import { fitText } from '../tokenizer/fit-text';
import type { PlainTokenizer } from '../tokenizer/plain-tokenizer';
import { TokenizerError } from '../tokenizer/tokenizer-json';
import { encodedDocument, encodedQuery, queryTooLong } from './encoded';

/** Encodes query and document as separate rows, each with its template. */
export function createLateInteractionEncoder(manifest: LateInteractionManifest, tokenizer: PlainTokenizer): Encoder {
  const { query: queryPart, document: documentPart } = manifest.template;
  checkPrefix(tokenizer, queryPart);
  checkPrefix(tokenizer, documentPart);
  const queryLimit = manifest.maxLengthTokens - overhead(queryPart);
  const documentLimit = manifest.maxLengthTokens - overhead(documentPart);
  return {
    encodeQuery({ query }) {
      const textIds = tokenizer.ids(query);
      if (textIds.length > queryLimit) return queryTooLong(textIds.length, queryLimit);
      return { ok: true, query: encodedQuery(insideTemplate(queryPart, textIds)) };
    },
    encodeDocument(_query, text, { maxTokensPerDocument = documentLimit, truncationSide: side = 'right' }) {
      const limit = Math.min(documentLimit, maxTokensPerDocument);
      const fitted = fitText(tokenizer, text, { limit, cut: 'character', side });
      const ids = insideTemplate(documentPart, fitted.ids);
      return encodedDocument({ ids, rowTokens: ids.length }, fitted);
    },
  };
}

const overhead = (part: TemplatePart): number => part.prefixIds.length + part.suffixIds.length;

const insideTemplate = (part: TemplatePart, textIds: readonly number[]): Int32Array =>
  Int32Array.from([...part.prefixIds, ...textIds, ...part.suffixIds]);

/** Checks the template. A tokenizer with other ids for it belongs to another model, and every score would be wrong. */
function checkPrefix(tokenizer: PlainTokenizer, part: TemplatePart): void {
  const ids = tokenizer.ids(part.prefix);
  const wanted = part.prefixIds.slice(part.prefixIds.length - ids.length);
  if (ids.join() === wanted.join()) return;
  throw new TokenizerError(
    `the template's "${part.prefix}" has ids ${ids.join()}, but the manifest has ${wanted.join()}: they are not of the same model`,
  );
}
