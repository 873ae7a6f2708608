import { cohere, renderRanking } from './cohere';
import type { Dialect } from './dialect';
import { infinityError } from './error-body';

/**
 * LiteLLM's `infinity` provider and infinity_client: ask as the other Cohere-like clients do, but take `document` for a
 * plain string. Their body equals the others', so it needs a path of its own.
 */
export const infinity: Dialect = {
  name: 'infinity',
  warnings: 'body',
  parse: cohere.parse,
  render: (answer) => (answer.ok ? renderRanking(answer, (text) => text) : infinityError(answer.failure)),
};
