import type { Result } from '@rerank-fleet/contract';
import {
  templateIds,
  type PairTemplate,
  type PlainTokenizer,
  type PostProcessorJson,
  type PromptTemplate,
} from '@rerank-fleet/scoring';

export type TemplateOrReason<Template> = Result<{ template: Template }, { reason: string }>;

/**
 * The prompt of Qwen3-Reranker as its model card's transformers sample builds it: one newline between the fields, an
 * empty thought before the answer.
 */
const qwen3 = {
  kind: 'prompt',
  version: 'qwen3-reranker-1',
  prefix:
    '<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n',
  body: '<Instruct>: {instruction}\n<Query>: {query}\n<Document>: {document}',
  suffix: '<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n',
  controlTokens: ['<|im_start|>', '<|im_end|>', '<think>', '</think>'],
  instruction: 'Given a web search query, retrieve relevant passages that answer the query',
} as const;

/** Qwen3-Reranker's prompt with the ids of this tokenizer. */
export function qwen3Template(tokenizer: PlainTokenizer): TemplateOrReason<PromptTemplate> {
  const controlTokens = [...qwen3.controlTokens];
  const lacking = controlTokens.filter((token) => tokenizer.idOf(token) === undefined);
  if (lacking.length > 0) {
    return { ok: false, reason: `its tokenizer lacks the tokens ${lacking.join(', ')} of Qwen3-Reranker's prompt` };
  }
  return {
    ok: true,
    template: {
      ...qwen3,
      controlTokens,
      prefixIds: templateIds(tokenizer, qwen3.prefix, controlTokens),
      suffixIds: templateIds(tokenizer, qwen3.suffix, controlTokens),
    },
  };
}

type PairProcessor = Exclude<PostProcessorJson, { type: 'Sequence' | 'ByteLevel' }>;
type Place = Extract<PairProcessor, { type: 'TemplateProcessing' }>['pair'][number];

const unclear = {
  ok: false,
  reason: 'the post_processor of its tokenizer.json does not say how a query and a document become one row',
} as const;

/** How query and document become one row, from the post-processor of a tokenizer.json. */
export function pairTemplate(json: PostProcessorJson | undefined): TemplateOrReason<PairTemplate> {
  const [processor, ...others] = json === undefined ? [] : pairProcessors(json);
  if (processor === undefined || others.length > 0) return unclear;
  switch (processor.type) {
    case 'TemplateProcessing':
      return fromPlaces(processor);
    case 'BertProcessing': {
      const separator = [processor.sep[1]];
      return made({ startIds: [processor.cls[1]], betweenIds: separator, endIds: separator, documentTypeId: 1 });
    }
    case 'RobertaProcessing': {
      const separator = processor.sep[1];
      const betweenIds = [separator, separator];
      return made({ startIds: [processor.cls[1]], betweenIds, endIds: [separator], documentTypeId: 0 });
    }
    default:
      return processor satisfies never;
  }
}

/** Those that put control tokens around texts: the one for bytes does not. */
function pairProcessors(json: PostProcessorJson): PairProcessor[] {
  switch (json.type) {
    case 'Sequence':
      return json.processors.flatMap(pairProcessors);
    case 'ByteLevel':
      return [];
    default:
      return [json];
  }
}

function fromPlaces({
  pair,
  special_tokens: tokens,
}: Extract<PairProcessor, { type: 'TemplateProcessing' }>): TemplateOrReason<PairTemplate> {
  const texts = pair.flatMap((place) => ('Sequence' in place ? [place.Sequence.id] : []));
  const areKnown = pair.every((place) => 'Sequence' in place || Object.hasOwn(tokens, place.SpecialToken.id));
  if (texts.join() !== 'A,B' || !areKnown) return unclear;
  const at = (id: string) => pair.findIndex((place) => 'Sequence' in place && place.Sequence.id === id);
  const [query, document] = [at('A'), at('B')];
  const ids = (places: Place[]): number[] =>
    places.flatMap((place) => ('SpecialToken' in place ? (tokens[place.SpecialToken.id]?.ids ?? []) : []));
  const [queryTypes, documentTypes] = [pair.slice(0, document), pair.slice(document)].map(typesOf);
  if (queryTypes !== '0' || (documentTypes !== '0' && documentTypes !== '1')) return strangeTypes;
  return made({
    startIds: ids(pair.slice(0, query)),
    betweenIds: ids(pair.slice(query + 1, document)),
    endIds: ids(pair.slice(document + 1)),
    documentTypeId: documentTypes === '1' ? 1 : 0,
  });
}

const strangeTypes = {
  ok: false,
  reason:
    'the post_processor of its tokenizer.json gives token types other than 0 up to the document and one of 0 and 1 from there on, which no row has here',
} as const;

/** The token types of a part of a row. */
function typesOf(places: Place[]): string {
  const types = places.map((place) => ('Sequence' in place ? place.Sequence : place.SpecialToken).type_id);
  return [...new Set(types)].join();
}

function made(parts: Omit<PairTemplate, 'kind' | 'version'>): TemplateOrReason<PairTemplate> {
  return { ok: true, template: { kind: 'pair', version: 'tokenizer-pair-1', ...parts } };
}
