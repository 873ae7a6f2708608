import { bodyParser } from './body-parser';
import { cohereBody, cohereRequestSchema } from './cohere';
import type { Dialect } from './dialect';
import { renderTei } from './tei';

/**
 * Elasticsearch's `hugging_face` inference service: asks as Cohere's clients do (and names no model), but reads a bare
 * array, which has no place for tokens, and throws on an unknown member of it. Its body equals Cohere's, so it needs a
 * path of its own.
 */
export const huggingFace: Dialect = {
  name: 'hugging-face',
  warnings: 'header',
  parse: bodyParser({ ...cohereBody, schema: cohereRequestSchema.omit({ return_tokens: true }) }),
  render: renderTei,
};
