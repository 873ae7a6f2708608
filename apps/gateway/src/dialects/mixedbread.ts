import { bodyParser } from './body-parser';
import type { RankedAnswer } from './dialect';
import { documentsByFields, instructionOption, rankFieldsOption, rankingBody, returnTextsOption } from './fields';
import { rankedResults, totalTokens } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of mixedbread's reranking call. */
export const mixedbreadRequestSchema = rankingBody(
  'MixedbreadRerankRequest',
  { input: documentsByFields, rank_fields: rankFieldsOption },
  { return_input: returnTextsOption, instruction: instructionOption },
);

/** mixedbread. Request: a list `input`. Answer: `data` with the elements as received. */
export const mixedbread = objectDialect({
  name: 'mixedbread',
  parse: bodyParser({ schema: mixedbreadRequestSchema, listField: 'input', returnsElements: true }),
  render: renderMixedbread,
});

/** Its client requires `top_k` and `return_input`, also if the request has neither. */
function renderMixedbread(answer: RankedAnswer): object {
  const { ranking, request } = answer;
  const results = rankedResults(answer);
  const tokens = totalTokens(ranking);
  return {
    object: 'list',
    model: ranking.bundle.name,
    data: results.map(({ index, score, sent }) => ({
      index,
      score,
      object: 'rank_result',
      ...(request.returnDocuments ? { input: sent } : {}),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 },
    top_k: results.length,
    return_input: request.returnDocuments,
  };
}
