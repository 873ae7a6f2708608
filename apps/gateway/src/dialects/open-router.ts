import { bodyParser } from './body-parser';
import { cohereBody, renderRanking } from './cohere';
import type { Dialect } from './dialect';
import { openRouterError } from './error-body';

/**
 * OpenRouter. It sends Cohere's body, but its client fails on a result without a `document` and on an error whose code
 * is not a number. Because the body equals Cohere's, it has its own path.
 */
export const openRouter: Dialect = {
  name: 'openrouter',
  warnings: 'body',
  parse: bodyParser({ ...cohereBody, always: { returnDocuments: true } }),
  render: (answer) => (answer.ok ? renderRanking(answer, (text) => ({ text })) : openRouterError(answer.failure)),
};
