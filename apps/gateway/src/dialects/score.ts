import { z } from './zod';
import type { JsonObject } from '../http/json-object';
import type { Dialect, RankedAnswer } from './dialect';
import {
  activationOptions,
  countOption,
  elementField,
  instructionOption,
  listOf,
  modelField,
  priorityOption,
  textElement,
  truncationOptions,
} from './fields';
import { pairParser } from './pairs';
import { resultsInOrder, totalTokens } from './ranked-results';
import { objectDialect } from './object-dialect';

const queryText = elementField(
  textElement,
  'The text for which the others are scored: one text, a list of one, or a list that repeats it per text.',
);
const texts = listOf(textElement, 'The texts to score: a list or a single text.').openapi({
  type: ['array', 'string', 'object'],
});
const scoreOptions = {
  model: modelField,
  instruction: instructionOption,
  max_tokens_per_doc: countOption.openapi({
    description: 'Maximum tokens per text; longer texts are truncated. 0 or null: no limit.',
  }),
  priority: priorityOption,
  ...activationOptions,
  ...truncationOptions,
};

const byText = z.object({ text_1: queryText, text_2: texts, ...scoreOptions }).openapi('ScoreRequest');
const byDocuments = z
  .object({ queries: queryText, documents: texts, ...scoreOptions })
  .openapi('ScoreDocumentsRequest');
const byItems = z.object({ queries: queryText, items: texts, ...scoreOptions }).openapi('ScoreItemsRequest');
const byData = z.object({ data_1: queryText, data_2: texts, ...scoreOptions }).openapi('ScoreDataRequest');

/** The body of vLLM's score call, in its four spellings. */
export const scoreRequestSchema = z.union([byText, byDocuments, byItems, byData]);

/** The parsers by the name of their list. The first is used if no list is given. */
const parsers: Readonly<Record<string, Dialect['parse']>> = {
  text_2: pairParser({ schema: byText, queryField: 'text_1', listField: 'text_2' }),
  documents: pairParser({ schema: byDocuments, queryField: 'queries', listField: 'documents' }),
  items: pairParser({ schema: byItems, queryField: 'queries', listField: 'items' }),
  data_2: pairParser({ schema: byData, queryField: 'data_1', listField: 'data_2' }),
};

function parserOf(body: JsonObject): Dialect['parse'] {
  const given = Object.keys(parsers).find((list) => body[list] !== undefined && body[list] !== null);
  return parsers[given ?? 'text_2'] as Dialect['parse'];
}

/** vLLM's `/score`: scores one text against others, in the order of the request. */
export const score = objectDialect({
  name: 'score',
  parse: (body, limits) => parserOf(body)(body, limits),
  render: renderScore,
});

function renderScore(answer: RankedAnswer): object {
  const { ranking } = answer;
  const tokens = totalTokens(ranking);
  return {
    id: `score-${ranking.requestId}`,
    object: 'list',
    created: Math.floor(Date.now() / 1_000),
    model: ranking.bundle.name,
    data: resultsInOrder(answer).map(({ index, score: value }) => ({ index, object: 'score', score: value })),
    usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 },
  };
}
