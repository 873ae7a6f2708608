import { cohere, renderRanking } from './cohere';
import type { Dialect } from './dialect';

/**
 * LiteLLM's `infinity` provider: asks as its other Cohere-like providers do, but takes `document` for a plain string. Its
 * body equals theirs, so it needs a path of its own.
 */
export const infinity: Dialect = {
  name: 'infinity',
  parse: cohere.parse,
  render: (answer) => renderRanking(answer, (text) => text),
};
