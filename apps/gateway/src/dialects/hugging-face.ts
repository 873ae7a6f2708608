import { bodyParser } from './body-parser';
import { cohereBody, cohereRequestSchema } from './cohere';
import type { Dialect } from './dialect';
import { renderTei } from './tei';

/**
 * Elasticsearch's `hugging_face` inference service. It sends Cohere's body (without a model) but reads a bare array,
 * which has no member for tokens, and fails on unknown members of a result. Because the body equals Cohere's, it has
 * its own path.
 */
export const huggingFace: Dialect = {
  name: 'hugging-face',
  warnings: 'header',
  parse: bodyParser({ ...cohereBody, schema: cohereRequestSchema.omit({ return_tokens: true }) }),
  render: renderTei,
};
