import { bodyParser } from './body-parser';
import { voyageError } from './error-body';
import { documentList, instructionOption, rankingBody, returnTextsOption } from './fields';
import { relevanceResults, totalTokens } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of Voyage's rerank call. */
export const voyageRequestSchema = rankingBody(
  'VoyageRerankRequest',
  { documents: documentList },
  { return_documents: returnTextsOption, instruction: instructionOption },
);

/** Voyage. Request: `top_k`. Answer: `data` with documents as strings. */
export const voyage = objectDialect({
  name: 'voyage',
  parse: bodyParser({ schema: voyageRequestSchema, listField: 'documents' }),
  renderFailure: voyageError,
  render: (answer) => ({
    object: 'list',
    data: relevanceResults(answer, (text) => text),
    model: answer.ranking.bundle.name,
    usage: { total_tokens: totalTokens(answer.ranking) },
  }),
});
