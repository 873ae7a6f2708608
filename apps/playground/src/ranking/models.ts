import { callGateway, type CallOptions, type CallResult } from './call';
import { count, finite, flag, listOf, object, orNull, text } from './read-json';

/** Bounds that the gateway puts on every request. */
export interface GatewayLimits {
  maxDocuments: number;
  /** Of the JSON body, in UTF-8. */
  maxBodyBytes: number;
  /** UTF-16 code units (`.length`) of the query, the instruction and of each document. */
  maxTextCharacters: number;
}

/** A live model. */
export interface ModelInfo {
  /** What to send as `model`: the name, or `name@version` for all but the newest version. */
  id: string;
  /** Name without a version. */
  root: string;
  version: string;
  aliases: string[];
  isDefault: boolean;
  /** `late-interaction`, `cross-encoder`, ... */
  head: string;
  dtype: string;
  provider: string;
  source: string;
  revision: string;
  takesInstruction: boolean;
  /** Tokens of one input (query, document and the model's template together). */
  maxLengthTokens: number;
  /** Workers that serve it now. */
  workers: number;
  /** Of all its workers together; null before any has measured itself. */
  tokensPerSecond: number | null;
  limits: GatewayLimits;
}

const readModel = object<ModelInfo>({
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
  limits: object<GatewayLimits>({ maxDocuments: count, maxBodyBytes: count, maxTextCharacters: count }),
});

const readList = object({ data: listOf(readModel) });

/** The live models by `GET v1/models`, as the gateway sorts them: by name, the newest version first. */
export async function fetchModels(options: CallOptions): Promise<CallResult<ModelInfo[]>> {
  const result = await callGateway({ path: 'v1/models', read: readList }, options);
  return result.ok ? { ok: true, value: result.value.body.data } : result;
}
