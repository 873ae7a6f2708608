import { cohere, renderRanking } from './cohere';
import type { Dialect } from './dialect';
import { infinityError } from './error-body';

/**
 * LiteLLM's `infinity` provider and infinity_client. They send Cohere's body but read `document` as a string. Because
 * the body equals Cohere's, they have their own path.
 */
export const infinity: Dialect = {
  name: 'infinity',
  warnings: 'body',
  parse: cohere.parse,
  render: (answer) => (answer.ok ? renderRanking(answer, (text) => text) : infinityError(answer.failure)),
};
