import type { Result } from '@rerank-fleet/contract';
import {
  templateIds,
  type CausalYesNoManifest,
  type PairTemplate,
  type PlainTokenizer,
  type PostProcessorJson,
  type PromptTemplate,
} from '@rerank-fleet/scoring';

export type TemplateResult<Template> = Result<{ template: Template }, { reason: string }>;

/**
 * The prompt of Qwen3-Reranker, as in the transformers sample of its model card: one newline between the fields, and an
 * empty thinking block before the answer.
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
export function qwen3Template(tokenizer: PlainTokenizer): TemplateResult<PromptTemplate> {
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

/** The answers that Qwen3-Reranker gives, with the ids of this tokenizer; undefined if it lacks one. */
export function qwen3Answers({ idOf }: Pick<PlainTokenizer, 'idOf'>): CausalYesNoManifest['answers'] | undefined {
  const [yes, no] = [idOf('yes'), idOf('no')];
  if (yes === undefined || no === undefined) return undefined;
  return { yes: { token: 'yes', id: yes }, no: { token: 'no', id: no } };
}

type PairProcessor = Exclude<PostProcessorJson, { type: 'Sequence' | 'ByteLevel' }>;
type Piece = Extract<PairProcessor, { type: 'TemplateProcessing' }>['pair'][number];

const unclear = {
  ok: false,
  reason: 'the post_processor of its tokenizer.json does not say how a query and a document become one row',
} as const;

/** The template that joins query and document to one row, from the post-processor of a tokenizer.json. */
export function pairTemplate(json: PostProcessorJson | undefined): TemplateResult<PairTemplate> {
  const [processor, ...others] = json === undefined ? [] : pairProcessors(json);
  if (processor === undefined || others.length > 0) return unclear;
  switch (processor.type) {
    case 'TemplateProcessing':
      return fromPieces(processor);
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

/** The processors that add control tokens around texts. ByteLevel adds none. */
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

function fromPieces({
  pair,
  special_tokens: tokens,
}: Extract<PairProcessor, { type: 'TemplateProcessing' }>): TemplateResult<PairTemplate> {
  const texts = pair.flatMap((piece) => ('Sequence' in piece ? [piece.Sequence.id] : []));
  const areKnown = pair.every((piece) => 'Sequence' in piece || Object.hasOwn(tokens, piece.SpecialToken.id));
  if (texts.join() !== 'A,B' || !areKnown) return unclear;
  const at = (id: string) => pair.findIndex((piece) => 'Sequence' in piece && piece.Sequence.id === id);
  const [query, document] = [at('A'), at('B')];
  const ids = (pieces: Piece[]): number[] =>
    pieces.flatMap((piece) => ('SpecialToken' in piece ? (tokens[piece.SpecialToken.id]?.ids ?? []) : []));
  const [queryTypes, documentTypes] = [pair.slice(0, document), pair.slice(document)].map(typesOf);
  if (queryTypes !== '0' || (documentTypes !== '0' && documentTypes !== '1')) return unsupportedTypes;
  return made({
    startIds: ids(pair.slice(0, query)),
    betweenIds: ids(pair.slice(query + 1, document)),
    endIds: ids(pair.slice(document + 1)),
    documentTypeId: documentTypes === '1' ? 1 : 0,
  });
}

const unsupportedTypes = {
  ok: false,
  reason:
    'the post_processor of its tokenizer.json gives token types that are not supported: they must be 0 before the document, and all 0 or all 1 from there',
} as const;

/** The distinct token types of a part of a row, joined by commas. */
function typesOf(pieces: Piece[]): string {
  const types = pieces.map((piece) => ('Sequence' in piece ? piece.Sequence : piece.SpecialToken).type_id);
  return [...new Set(types)].join();
}

function made(parts: Omit<PairTemplate, 'kind' | 'version'>): TemplateResult<PairTemplate> {
  return { ok: true, template: { kind: 'pair', version: 'tokenizer-pair-1', ...parts } };
}
