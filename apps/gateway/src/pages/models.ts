import { type ModelAnswer, type ModelListAnswer, bundleKey, modelSchema } from '@rerank-fleet/contract';
import type { EdgeConfig } from '../config';
import type { ModelView } from '../rank/fleet';
import { compareNamed, type ModelAliases } from '../dialects/model-name';
import { findModel } from '../rank/find-model';
import { version } from './version';
import { z } from '../dialects/zod';

/** The answer of `GET /info`: text-embeddings-inference's members for the default bundle, and all bundles. */
export const infoSchema = z
  .object({
    model_id: z.string(),
    model_sha: z.string().nullable(),
    model_dtype: z.string(),
    served_model_name: z.string(),
    model_type: z.object({
      reranker: z.object({ id2label: z.record(z.string(), z.string()), label2id: z.record(z.string(), z.number()) }),
    }),
    max_concurrent_requests: z
      .number()
      .int()
      .openapi({ description: 'Maximum number of texts per call. Calls are admitted by cost, not by number.' }),
    max_input_length: z
      .number()
      .int()
      .openapi({ description: 'Maximum tokens of one input. Longer documents are truncated.' }),
    max_batch_tokens: z.number().int(),
    max_batch_requests: z.number().int().nullable(),
    max_client_batch_size: z.number().int(),
    auto_truncate: z.boolean(),
    tokenization_workers: z.number().int(),
    version: z.string(),
    sha: z.string().nullable(),
    docker_label: z.string().nullable(),
    models: z.array(modelSchema),
  })
  .openapi('Info');

/** Builds the answer of `GET /v1/models`. */
export function describeModelList(models: readonly ModelView[], config: EdgeConfig): ModelListAnswer {
  const data = describeModels(models, config);
  return {
    object: 'list',
    data,
    models: data.map(({ name, endpoints, max_length_tokens }) => ({
      name,
      endpoints,
      context_length: max_length_tokens,
    })),
  };
}

/** All live bundles in the API's form: by name, the newest version first. */
function describeModels(models: readonly ModelView[], config: EdgeConfig): ModelAnswer[] {
  return [...models].sort(compareNamed).map((model) => describeModel(model, models, config));
}

/** A bundle in the API's form. `all` is needed to find the bundle that the bare name means. */
export function describeModel(model: ModelView, all: readonly ModelView[], config: EdgeConfig): ModelAnswer {
  const [newest] = all.filter(({ name }) => name === model.name).sort(compareNamed);
  const id = newest === undefined || newest.version === model.version ? model.name : bundleKey(model);
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: 'rerank-fleet',
    root: model.name,
    model_type: 'rerank',
    model_name: model.name,
    name: id,
    endpoints: ['rerank'],
    version: model.version,
    aliases: [...new Set([...model.aliases, ...configuredAliases(model, all, config.modelAliases)])],
    is_default: model.isDefault,
    head: model.head,
    revision: model.revision,
    source: model.source,
    template_version: model.templateVersion,
    takes_instruction: model.takesInstruction,
    max_length_tokens: model.maxLengthTokens,
    dtype: model.dtype,
    quantization: model.quantization ? quantizationOf(model.quantization) : null,
    provider: model.provider,
    workers: model.workers,
    tokens_per_second: model.tokensPerSecond ?? null,
    limits: {
      max_documents: config.maxDocuments,
      max_body_bytes: config.maxBodyBytes,
      max_text_characters: config.maxTextCharacters,
      max_json_depth: config.maxJsonDepth,
    },
  };
}

function quantizationOf(cost: NonNullable<ModelView['quantization']>): ModelAnswer['quantization'] {
  return {
    pairs: cost.pairs,
    queries: cost.queries,
    largest_score_difference: cost.largestScoreDifference,
    mean_score_difference: cost.meanScoreDifference,
    rank_correlation: cost.rankCorrelation,
    changed_first_documents: cost.changedFirstDocuments,
    exact_layers: cost.exactLayers,
  };
}

/** Builds the answer of `GET /info`. The first model is the default one. */
export function describeInfo(
  model: ModelView,
  all: readonly ModelView[],
  config: EdgeConfig,
): z.infer<typeof infoSchema> {
  return {
    model_id: model.source,
    model_sha: model.revision,
    model_dtype: model.dtype,
    served_model_name: model.name,
    model_type: { reranker: { id2label: { '0': 'LABEL_0' }, label2id: { LABEL_0: 0 } } },
    max_concurrent_requests: config.maxDocuments,
    max_input_length: model.maxLengthTokens,
    max_batch_tokens: model.batchTokens,
    max_batch_requests: null,
    max_client_batch_size: config.maxDocuments,
    auto_truncate: true,
    tokenization_workers: model.workers,
    version,
    sha: null,
    docker_label: null,
    models: describeModels(all, config),
  };
}

/** The operator's aliases of this bundle. */
function configuredAliases(model: ModelView, all: readonly ModelView[], aliases: ModelAliases): string[] {
  return [...aliases.keys()].filter((alias) => findModel(all, alias, aliases) === model);
}
