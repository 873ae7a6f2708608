import type { Encoder } from './encoder';
import type { PairTemplate } from '../manifest/manifest';
import { fitText } from '../tokenizer/fit-text';
import type { PlainTokenizer } from '../tokenizer/plain-tokenizer';
import { encodedDocument, encodedQuery, queryTooLong } from './encoded';

export interface PairEncoderOptions {
  template: PairTemplate;
  maxLengthTokens: number;
}

/**
 * Encodes query and document in one row with control tokens between them. The query's ids end with the tokens between,
 * the document's with those at the end. The row is built from ids: the JavaScript tokenizers lose the last control
 * token of a truncated pair of texts, and that of an empty document.
 */
export function createPairEncoder(tokenizer: PlainTokenizer, options: PairEncoderOptions): Encoder {
  const { startIds, betweenIds, endIds } = options.template;
  const textLimit = options.maxLengthTokens - startIds.length - betweenIds.length - endIds.length;
  return {
    encodeQuery({ query }) {
      const textIds = tokenizer.ids(query);
      if (textIds.length >= textLimit) return queryTooLong(textIds.length, textLimit - 1);
      return { ok: true, query: encodedQuery(Int32Array.from([...startIds, ...textIds, ...betweenIds])) };
    },
    encodeDocument(query, text, { maxTokensPerDocument = textLimit, truncationSide: side = 'right' }) {
      const room = options.maxLengthTokens - query.ids.length - endIds.length;
      const limit = Math.min(room, maxTokensPerDocument);
      const fitted = fitText(tokenizer, text, { limit, cut: 'token', side });
      const ids = Int32Array.from([...fitted.ids, ...endIds]);
      return encodedDocument({ ids, rowTokens: query.ids.length + ids.length }, fitted);
    },
  };
}
