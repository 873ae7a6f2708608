import type { ModelListAnswer } from '@rerank-fleet/contract';
import { callGateway, type CallOptions, type CallResult } from './call';
import { count, finite, flag, listOf, object, orNull, type ReadOf, text } from './read-json';

const readList = object({
  data: listOf(
    object({
      id: text,
      root: text,
      version: text,
      aliases: listOf(text),
      isDefault: flag,
      head: text,
      dtype: text,
      provider: text,
      source: text,
      revision: text,
      takesInstruction: flag,
      maxLengthTokens: count,
      workers: count,
      tokensPerSecond: orNull(finite),
      limits: object({ maxDocuments: count, maxBodyBytes: count, maxTextCharacters: count }),
    }),
  ),
});

/** A live model. */
export type ModelInfo = ReadOf<ModelListAnswer, typeof readList>['data'][number];

/** The gateway's limits for every request. */
export type GatewayLimits = ModelInfo['limits'];

/** Reads the live models with `GET v1/models`, sorted by name, the newest version first. */
export async function fetchModels(options: CallOptions): Promise<CallResult<ModelInfo[]>> {
  const result = await callGateway({ path: 'v1/models', read: readList }, options);
  return result.ok ? { ok: true, value: result.value.body.data } : result;
}
