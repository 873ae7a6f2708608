import type { TruncationSide } from '@rerank-fleet/contract';
import { isJsonObject, type JsonObject } from '../http/json-object';

/** What a body says about cutting, which every dialect reads alike, and which of its options change nothing. */
export interface BodyOptions {
  truncationSide: TruncationSide;
  /** Name of the option that asked for no document to be cut. */
  wantsWhole: string | undefined;
  warnings: readonly string[];
}

/** Which options a dialect takes, by name. */
export interface TakenOptions {
  /** Members of the body. */
  members: readonly string[];
  /** Members of an object inside the body that holds options too. */
  nested?: { field: string; members: readonly string[] };
}

/**
 * Reads what is common to all dialects from the body itself and from its nested options, which count first.
 *
 * @param list the documents as they came
 */
export function readBodyOptions(body: JsonObject, { members, nested }: TakenOptions, list: unknown): BodyOptions {
  const inner = nested && body[nested.field];
  const options: JsonObject = isJsonObject(inner) ? { ...body, ...inner } : body;
  return {
    truncationSide: truncationSideOf(options),
    wantsWhole: cutOptions.find((name) => isNoCut(options[name])),
    warnings: [
      ...unclearSides(options),
      ...unusedOptions(body, members, ''),
      ...(nested && isJsonObject(inner) ? unusedOptions(inner, nested.members, `${nested.field}.`) : []),
      ...(members.includes('rank_fields') ? unusedRankFields(body['rank_fields'], list) : []),
    ],
  };
}

/** Of vLLM and of TEI; the first that is given counts. */
const sideOptions = ['truncation_side', 'truncation_direction'];
/** Whether to cut, in some APIs also from where; clients send any kind of value. */
const cutOptions = ['truncate', 'truncation'];

function truncationSideOf(options: JsonObject): TruncationSide {
  const said = sideOptions.map((name) => options[name]).find((value) => value !== undefined && value !== null);
  const isLeft =
    said === undefined ? cutOptions.some((name) => isWord(options[name], ['start', 'left'])) : isWord(said, ['left']);
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

/** Longest word that has a meaning here. */
const maxWordCharacters = 5;

function isWord(value: unknown, words: readonly string[]): boolean {
  return typeof value === 'string' && value.length <= maxWordCharacters && words.includes(value.toLowerCase());
}

/** Values with which the API that has the option does what is done here anyway; undefined: only {@link isNeutral} ones. */
type AsUsual = readonly unknown[] | undefined;

/** Options of rerank APIs that one dialect takes and others do not, or none does. Any other member is passed over. */
const knownOptions: readonly (readonly [name: string, asUsual?: AsUsual])[] = [
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

/** Options that are on unless they are set to false. */
const onByDefault: readonly string[] = ['use_activation', 'activation', 'softmax'];

function unusedOptions(options: JsonObject, taken: readonly string[], place: string): string[] {
  const isForeign = (name: string) => Object.hasOwn(options, name) && !taken.includes(name);
  const changes = knownOptions.filter(
    ([name, asUsual = []]) => isForeign(name) && !isNeutral(options[name]) && !asUsual.includes(options[name]),
  );
  const isOff = (name: string) => isNeutral(options[name]) && options[name] !== null && options[name] !== undefined;
  return [...changes.map(([name]) => name), ...onByDefault.filter((name) => isForeign(name) && isOff(name))].map(
    (name) => `\`${place}${name}\` has no effect here.`,
  );
}

function unusedRankFields(fields: unknown, list: unknown): string[] {
  if (isNeutral(fields) || (Array.isArray(list) && list.some(isJsonObject))) return [];
  return ['`rank_fields` has no effect: no document is an object.'];
}

/** Values that ask for nothing: null, false, 0 and emptiness, as they come. */
function isNeutral(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0) return true;
  if (typeof value === 'string') return isWord(value, ['', '0', 'false', '{}', '[]']);
  return typeof value === 'object' && Object.keys(value).length === 0;
}
