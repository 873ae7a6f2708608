import type { TruncationSide } from '@rerank-fleet/contract';
import { isJsonObject, type JsonObject } from '../http/json-object';

/** The truncation options, which all dialects read the same way, and warnings about options without effect. */
export interface BodyOptions {
  truncationSide: TruncationSide;
  /** Name of the option that asked for untruncated documents. */
  noCutOption: string | undefined;
  warnings: readonly string[];
}

/** The names of the options that a dialect accepts. */
export interface TakenOptions {
  /** Members of the body. */
  members: readonly string[];
  /** Members of an object inside the body that also contains options. */
  nested?: { field: string; members: readonly string[] };
}

/**
 * Reads the options that are common to all dialects, from the body and from its nested options. Nested options take
 * precedence.
 *
 * @param list the documents as received
 */
export function readBodyOptions(body: JsonObject, { members, nested }: TakenOptions, list: unknown): BodyOptions {
  const inner = nested && body[nested.field];
  const options: JsonObject = isJsonObject(inner) ? { ...body, ...inner } : body;
  return {
    truncationSide: truncationSideOf(options),
    noCutOption: cutOptions.find((name) => isNoCut(options[name])),
    warnings: [
      ...unclearSides(options),
      ...unusedOptions(body, members, ''),
      ...(nested && isJsonObject(inner) ? unusedOptions(inner, nested.members, `${nested.field}.`) : []),
      ...(members.includes('rank_fields') ? unusedRankFields(body['rank_fields'], list) : []),
    ],
  };
}

/** Names of vLLM and of TEI. The first one given counts. */
const sideOptions = ['truncation_side', 'truncation_direction'];
/** Whether to truncate; in some APIs also at which end. Clients send values of any type. */
const cutOptions = ['truncate', 'truncation'];

function truncationSideOf(options: JsonObject): TruncationSide {
  const side = sideOptions.map((name) => options[name]).find((value) => value !== undefined && value !== null);
  const isLeft =
    side === undefined ? cutOptions.some((name) => isWord(options[name], ['start', 'left'])) : isWord(side, ['left']);
  return isLeft ? 'left' : 'right';
}

function unclearSides(options: JsonObject): string[] {
  return sideOptions
    .filter((name) => !isNeutral(options[name]) && !isWord(options[name], ['left', 'right']))
    .map((name) => `\`${name}\` is neither "left" nor "right", so documents are cut from the right.`);
}

function isNoCut(value: unknown): boolean {
  return value === false || value === 0 || isWord(value, ['false', '0', 'none']);
}

/** Length of the longest value that {@link isWord} compares. */
const maxWordCharacters = 5;

function isWord(value: unknown, words: readonly string[]): boolean {
  return typeof value === 'string' && value.length <= maxWordCharacters && words.includes(value.toLowerCase());
}

/** Values that request the behaviour of this server anyway. Undefined: only those of {@link isNeutral}. */
type NeutralValues = readonly unknown[] | undefined;

/** Options of rerank APIs that some dialects or none accept. Any other unknown member is ignored without a warning. */
const knownOptions: readonly (readonly [name: string, neutral?: NeutralValues])[] = [
  ['top_n'],
  ['top_k'],
  ['return_documents'],
  ['return_text'],
  ['return_input'],
  ['return_tokens'],
  ['return_len'],
  ['return_embeddings'],
  ['rank_fields'],
  ['instruction'],
  ['instruct'],
  ['priority'],
  ['raw_scores'],
  ['score_threshold'],
  ['max_tokens_per_doc'],
  ['max_tokens_per_query'],
  ['max_chunks_per_doc'],
  ['max_chunk_per_doc'],
  ['max_doc_length'],
  ['max_query_length'],
  ['overlap_tokens'],
  ['truncate_prompt_tokens', [-1]],
  ['encoding_format', ['float']],
  ['mm_processor_kwargs'],
  ['is_iql'],
  ['scoring_method', ['auto']],
  ['chunking_options'],
  ['latency', ['fast']],
  ['service_tier', ['default']],
  ['webhook'],
  ['parameters'],
];

/** Options that are on by default. */
const onByDefault: readonly string[] = ['use_activation', 'activation', 'softmax'];

function unusedOptions(options: JsonObject, taken: readonly string[], pathPrefix: string): string[] {
  const isForeign = (name: string) => Object.hasOwn(options, name) && !taken.includes(name);
  const changes = knownOptions.filter(
    ([name, neutral = []]) => isForeign(name) && !isNeutral(options[name]) && !neutral.includes(options[name]),
  );
  const isOff = (name: string) => isNeutral(options[name]) && options[name] !== null && options[name] !== undefined;
  return [...changes.map(([name]) => name), ...onByDefault.filter((name) => isForeign(name) && isOff(name))].map(
    (name) => `\`${pathPrefix}${name}\` has no effect here.`,
  );
}

function unusedRankFields(fields: unknown, list: unknown): string[] {
  if (isNeutral(fields) || (Array.isArray(list) && list.some(isJsonObject))) return [];
  return ['`rank_fields` has no effect: no document is an object.'];
}

/** Values that request nothing: null, false, 0 and empty values, also as strings. */
function isNeutral(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0) return true;
  if (typeof value === 'string') return isWord(value, ['', '0', 'false', '{}', '[]']);
  return typeof value === 'object' && Object.keys(value).length === 0;
}
