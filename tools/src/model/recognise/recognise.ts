import type { Result } from '@rerank-fleet/contract';
import {
  cachedQueryOf,
  createPlainTokenizer,
  TokenizerError,
  type CausalYesNoManifest,
  type PlainTokenizer,
  type SequenceClassificationManifest,
} from '@rerank-fleet/scoring';
import { integerProducts, type OnnxGraph } from '../onnx/read-graph';
import { graphShape, refused, takesOneRow, type GraphShape } from './graph-shape';
import { modelConfigSchema, tokenizerConfigSchema, type ModelConfig, type TokenizerConfig } from './model-config';
import { pairTemplate, qwen3Answers, qwen3Template } from './templates';

/** The files of an export, parsed. */
export interface Export {
  graph: OnnxGraph;
  /** Whether pairs of its 8-bit weights may overflow 16 bits. */
  int8PairsMayOverflow: boolean;
  config: unknown;
  tokenizerJson: unknown;
  tokenizerConfig: unknown;
  /** Longest row, if the model's own limit is not lower. */
  maxLengthTokens: number;
}

type Manifests = SequenceClassificationManifest | CausalYesNoManifest;
type WithoutOrigin<Manifest> = Manifest extends unknown
  ? Omit<
      Manifest,
      'formatVersion' | 'name' | 'version' | 'aliases' | 'files' | 'tolerance' | 'licence' | 'source' | 'revision'
    >
  : never;

/** The part of a manifest that follows from the files. */
export type RecognisedModel = WithoutOrigin<Manifests>;

export type Recognition = Result<{ model: RecognisedModel }, { reason: string }>;

/** Model types that classify pairs of texts. Other classifiers need a prompt, which is not known. */
const pairTypes = [
  'bert',
  'xlm-roberta',
  'roberta',
  'electra',
  'deberta',
  'deberta-v2',
  'distilbert',
  'new',
  'modernbert',
  'mpnet',
];
const rowsMax = 64;
/** The best size on CPUs with and without VNNI, within 5 %; a worker searches from here. Half a second of a 0.6B. */
const cpuBudgetTokens = 256;

/**
 * Derives the head of a model and its settings from the files of an export, without guessing. `reason` names the input,
 * output, node, token or field that is not supported.
 */
export function recognise(files: Export): Recognition {
  const config = modelConfigSchema.safeParse(files.config);
  if (!config.success) return refused(`config.json lacks a usable ${fieldOf(config.error)}`);
  const tokenizerConfig = tokenizerConfigSchema.safeParse(files.tokenizerConfig);
  if (!tokenizerConfig.success) {
    return refused(`tokenizer_config.json lacks a usable ${fieldOf(tokenizerConfig.error)}`);
  }
  const tokenizer = openTokenizer(files);
  if (!tokenizer.ok) return tokenizer;
  const shape = graphShape(files.graph, config.data);
  if (!shape.ok) return shape;
  const known = {
    ...files,
    config: config.data,
    tokenizerConfig: tokenizerConfig.data,
    tokenizer: tokenizer.tokenizer,
  };
  return shape.shape.head === 'causal-yes-no' ? causal(shape.shape, known) : classifier(shape.shape, known);
}

interface ReadExport extends Omit<Export, 'config' | 'tokenizerConfig'> {
  config: ModelConfig;
  tokenizerConfig: TokenizerConfig;
  tokenizer: PlainTokenizer;
}

/** The path of the invalid member, or `object` if the value is not an object. */
function fieldOf({ issues }: { issues: { path: PropertyKey[] }[] }): string {
  return issues[0]?.path.join('.') || 'object';
}

function openTokenizer(files: Export): Result<{ tokenizer: PlainTokenizer }, { reason: string }> {
  try {
    return { ok: true, tokenizer: createPlainTokenizer(files.tokenizerJson) };
  } catch (error) {
    return refused(
      `tokenizer.json: ${error instanceof TokenizerError ? error.message : 'this version cannot read it'}`,
    );
  }
}

function causal(shape: Extract<GraphShape, { head: 'causal-yes-no' }>, known: ReadExport): Recognition {
  const { tokenizer, config } = known;
  if (config.model_type !== 'qwen3') {
    return refused(
      `it is a language model of the type ${quoted(config.model_type)}, whose prompt for reranking is not known`,
    );
  }
  const prompt = qwen3Template(tokenizer);
  if (!prompt.ok) return prompt;
  const answers = qwen3Answers(tokenizer);
  if (!answers) return refused('its tokenizer lacks the tokens yes and no');
  const rest = common(known, { vocabularySize: shape.vocabularySize, keepsQuery: cachedQueryOf(shape) !== undefined });
  if (!rest.ok) return rest;
  return {
    ok: true,
    model: { ...rest.common, ...shape, template: prompt.template, takesInstruction: true, answers },
  };
}

function classifier(shape: Extract<GraphShape, { head: 'sequence-classification' }>, known: ReadExport): Recognition {
  const { tokenizer, config } = known;
  const isPrompt = config.model_type === 'qwen3';
  if (!isPrompt && shape.cache !== undefined) {
    return refused('it takes past_key_values and outputs labels, which only causal models with a prompt do');
  }
  if (!isPrompt && !pairTypes.includes(config.model_type)) {
    return refused(
      `it classifies with a model of the type ${quoted(config.model_type)}, whose input for reranking is not known`,
    );
  }
  const found = isPrompt ? qwen3Template(tokenizer) : pairTemplate(tokenizer.postProcessor);
  if (!found.ok) return found;
  const keepsQuery = cachedQueryOf(shape) !== undefined;
  const rest = common(known, { vocabularySize: config.vocab_size, keepsQuery });
  if (!rest.ok) return rest;
  return { ok: true, model: { ...rest.common, ...shape, template: found.template, takesInstruction: isPrompt } };
}

type Common = Pick<
  RecognisedModel,
  'maxLengthTokens' | 'maxRows' | 'vocabularySize' | 'paddingId' | 'tokenBudget' | 'dtype' | 'exactInt8Sums'
>;

function common(
  known: ReadExport,
  { vocabularySize, keepsQuery }: { vocabularySize: number; keepsQuery: boolean },
): Result<{ common: Common }, { reason: string }> {
  const paddingId = paddingIdOf(known);
  if (paddingId === undefined) return refused('neither config.json nor tokenizer_config.json names a padding token');
  const quantization = quantizationOf(known.graph);
  // Quantized graphs are made for CPUs, and a cached query would be copied to a GPU once per row.
  const isForGpu = quantization.dtype.startsWith('float') && !keepsQuery;
  return {
    ok: true,
    common: {
      maxLengthTokens: Math.min(known.maxLengthTokens, longestRow(known, paddingId)),
      // With one scale per tensor of activations, each score would depend on the other rows of the call.
      maxRows: quantization.sharesScales || takesOneRow(known.graph) ? 1 : rowsMax,
      vocabularySize,
      paddingId,
      tokenBudget: { cpu: cpuBudgetTokens, ...(isForGpu && { cuda: 8_192 }) },
      dtype: quantization.dtype,
      ...(quantization.isInt8 && known.int8PairsMayOverflow && { exactInt8Sums: true }),
    },
  };
}

function paddingIdOf({ config, tokenizerConfig, tokenizer }: ReadExport): number | undefined {
  const { pad_token: token } = tokenizerConfig;
  const ofTokenizer = token == null ? undefined : tokenizer.idOf(typeof token === 'string' ? token : token.content);
  return config.pad_token_id ?? ofTokenizer;
}

/** The longest row of the model. Position tables of RoBERTa and related models begin after the padding id. */
function longestRow({ config, tokenizerConfig, tokenizer }: ReadExport, paddingId: number): number {
  const isRoberta = ['roberta', 'xlm-roberta', 'mpnet'].includes(config.model_type);
  const positions = config.max_position_embeddings ?? Infinity;
  const ofTable = isRoberta ? positions - paddingId - 1 : positions;
  return Math.min(ofTable, tokenizerConfig.model_max_length ?? Infinity, tokenizer.maxLengthTokens);
}

/** The precision of the weights, from the operators and types of a graph. */
function quantizationOf(graph: OnnxGraph): { dtype: string; isInt8: boolean; sharesScales: boolean } {
  const has = (...names: string[]) => names.some((name) => Object.hasOwn(graph.operators, name));
  const sharesScales = has('DynamicQuantizeLinear', 'com.microsoft:DynamicQuantizeMatMul');
  const isInt8 = has(...Object.keys(integerProducts));
  // logits may be widened at the end of a graph in half precision
  const { float16: halves = 0, float32: floats = 0 } = graph.weightCounts;
  const float = halves > floats ? 'float16' : (graph.outputs.find(({ name }) => name === 'logits')?.type ?? 'float32');
  if (has('com.microsoft:MatMulNBits', 'com.microsoft:MatMulBnb4')) return { dtype: 'q4', isInt8: false, sharesScales };
  return { dtype: isInt8 ? 'int8' : float, isInt8, sharesScales };
}

/** A name from a file, quoted and shortened for messages. */
function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 60));
}
