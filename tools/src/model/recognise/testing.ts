import { join } from 'node:path';
import { fixtureModels, readFixtureTokenizer, type FixtureName } from '@rerank-fleet/scoring/testing';
import type { OnnxGraph } from '../onnx/read-graph';
import { readGraph } from '../onnx/read-graph';
import { recognise, type Export, type RecognisedModel } from './recognise';

/** The used members of the config.json of the tiny models. */
export const fixtureConfigs: Record<FixtureName, Record<string, unknown>> = {
  'tiny-qwen3': {
    model_type: 'qwen3',
    architectures: ['Qwen3ForCausalLM'],
    vocab_size: 1_026,
    max_position_embeddings: 4_096,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    hidden_size: 64,
    head_dim: 16,
  },
  'tiny-bert': { model_type: 'bert', vocab_size: 1_800, max_position_embeddings: 512, pad_token_id: 0 },
  'tiny-xlmr': { model_type: 'xlm-roberta', vocab_size: 881, max_position_embeddings: 514, pad_token_id: 1 },
};

/** The files of a tiny model, parsed. */
export async function readExport(name: FixtureName, version: string): Promise<Export> {
  const { json, config } = readFixtureTokenizer(name, version);
  return {
    graph: await readGraph(join(fixtureModels, name, version, 'model.onnx')),
    int8PairsMayOverflow: true,
    config: fixtureConfigs[name],
    tokenizerJson: structuredClone(json),
    tokenizerConfig: structuredClone(config),
    maxLengthTokens: 8_192,
  };
}

/** The recognised model; throws if the files are refused. */
export function recognised(files: Export): RecognisedModel {
  const result = recognise(files);
  if (!result.ok) throw new Error(result.reason);
  return result.model;
}

/** The reason of a refusal, which must be one line; throws if the files are recognised. */
export function refusalOf(files: Export): string {
  const result = recognise(files);
  if (result.ok) throw new Error('that should have been refused');
  expect(result.reason).toMatch(/^.+$/);
  return result.reason;
}

/** An export with changes to its graph. */
export const withGraph = (files: Export, change: Partial<OnnxGraph>): Export => ({
  ...files,
  graph: { ...files.graph, ...change },
});

/** An export with changes to its config.json. */
export const withConfig = (files: Export, change: Record<string, unknown>): Export => ({
  ...files,
  config: { ...(files.config as object), ...change },
});

/** An export whose graph also has these operators. */
export const withOperators = (files: Export, operators: Record<string, number>): Export =>
  withGraph(files, { operators: { ...files.graph.operators, ...operators } });
