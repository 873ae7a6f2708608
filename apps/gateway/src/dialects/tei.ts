import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { teiError } from './error-body';
import { instructionOption, rankingBody, rawScoresOption, returnTextsOption, textList } from './fields';
import { rankedResults } from './ranked-results';

/** The body of text-embeddings-inference's `/rerank`, with `top_n` and `{text}` as sent by LiteLLM. */
export const teiRequestSchema = rankingBody(
  'TeiRerankRequest',
  { texts: textList, raw_scores: rawScoresOption, return_text: returnTextsOption },
  { instruction: instructionOption },
);

/** text-embeddings-inference. Request: `texts`. Answer: a bare array. */
export const tei: Dialect = {
  name: 'tei',
  warnings: 'header',
  parse: bodyParser({ schema: teiRequestSchema, listField: 'texts' }),
  render: renderTei,
};

/** Also the answer of the `hugging-face` dialect, whose parser fails on any other member. */
export function renderTei(answer: Answer): unknown {
  if (!answer.ok) return teiError(answer.failure);
  return rankedResults(answer).map(({ index, score, text }) =>
    text === undefined ? { index, score } : { index, score, text },
  );
}
