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
 * Query and document in one row with control tokens between them: the query's ids end with those between, the
 * document's with those at the end. Built from ids, because a pair of texts loses its last control token where the
 * JavaScript tokenizers cut it, and an empty document loses its own.
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
