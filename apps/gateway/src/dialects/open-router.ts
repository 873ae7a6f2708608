import { bodyParser } from './body-parser';
import { cohereBody, renderRanking } from './cohere';
import type { Dialect } from './dialect';
import { openRouterError } from './error-body';

/**
 * OpenRouter: asks as Cohere's clients do, but its client throws on a result without a `document` and on an error whose
 * code is no number. Its body equals theirs, so it needs a path of its own.
 */
export const openRouter: Dialect = {
  name: 'openrouter',
  warnings: 'body',
  parse: bodyParser({ ...cohereBody, always: { returnDocuments: true } }),
  render: (answer) => (answer.ok ? renderRanking(answer, (text) => ({ text })) : openRouterError(answer.failure)),
};
