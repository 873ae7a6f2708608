import { templateIds, type PairTemplate, type PlainTokenizer, type PromptTemplate } from '@rerank-fleet/scoring';
import { z } from 'zod';

export type TemplateOrReason<Template> = { ok: true; template: Template } | { ok: false; reason: string };

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

const named = z.object({ id: z.string(), type_id: z.number().int() });
const placeSchema = z.union([z.object({ SpecialToken: named }), z.object({ Sequence: named })]);
const tokenPair = z.tuple([z.string(), z.number().int()]);

/** The ways in which a tokenizer.json says how two texts become one row. */
const pairProcessorSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('TemplateProcessing'),
    pair: z.array(placeSchema),
    special_tokens: z.record(z.string(), z.object({ ids: z.array(z.number().int()).min(1) })),
  }),
  z.object({ type: z.literal('BertProcessing'), cls: tokenPair, sep: tokenPair }),
  z.object({ type: z.literal('RobertaProcessing'), cls: tokenPair, sep: tokenPair }),
]);

type PairProcessor = z.infer<typeof pairProcessorSchema>;
type TemplateProcessing = Extract<PairProcessor, { type: 'TemplateProcessing' }>;

const unclear = {
  ok: false,
  reason: 'the post_processor of its tokenizer.json does not say how a query and a document become one row',
} as const;

/** How query and document become one row, from the post-processor of a tokenizer.json. */
export function pairTemplate(tokenizerJson: unknown): TemplateOrReason<PairTemplate> {
  const processor = findProcessor((tokenizerJson as { post_processor?: unknown } | null)?.post_processor);
  if (processor === undefined) return unclear;
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

function findProcessor(json: unknown): PairProcessor | undefined {
  const parsed = pairProcessorSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const inner = z.object({ processors: z.array(z.unknown()) }).safeParse(json);
  return inner.success ? inner.data.processors.map(findProcessor).find((one) => one !== undefined) : undefined;
}

function fromPlaces({ pair, special_tokens: tokens }: TemplateProcessing): TemplateOrReason<PairTemplate> {
  const texts = pair.flatMap((place) => ('Sequence' in place ? [place.Sequence.id] : []));
  const areKnown = pair.every((place) => 'Sequence' in place || Object.hasOwn(tokens, place.SpecialToken.id));
  if (texts.join() !== 'A,B' || !areKnown) return unclear;
  const at = (id: string) => pair.findIndex((place) => 'Sequence' in place && place.Sequence.id === id);
  const [query, document] = [at('A'), at('B')];
  const ids = (places: TemplateProcessing['pair']): number[] =>
    places.flatMap((place) => ('SpecialToken' in place ? (tokens[place.SpecialToken.id]?.ids ?? []) : []));
  const place = pair[document];
  return made({
    startIds: ids(pair.slice(0, query)),
    betweenIds: ids(pair.slice(query + 1, document)),
    endIds: ids(pair.slice(document + 1)),
    documentTypeId: place !== undefined && 'Sequence' in place && place.Sequence.type_id === 1 ? 1 : 0,
  });
}

function made(parts: Omit<PairTemplate, 'kind' | 'version'>): TemplateOrReason<PairTemplate> {
  return { ok: true, template: { kind: 'pair', version: 'tokenizer-pair-1', ...parts } };
}
