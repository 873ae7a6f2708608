import type { SessionTraits } from '../session/session';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createEncoder, parseManifest, type Encoder, type Manifest } from '../index';

/** Tiny models with reference scores: fixtures/README.md says where they come from. */
const fixtures = join(__dirname, '../../fixtures');

/** Folder of the tiny bundles, `<name>/<version>/manifest.json`. */
export const fixtureModels = join(fixtures, 'models');

/** A pair of texts, the ids that it must become, and the score that the model must give it. */
export interface FixtureCase {
  name: string;
  query: string;
  document: string;
  instruction?: string;
  maxLength: number;
  /** Absent where the query leaves no room: then `error` is there. */
  ids?: number[];
  error?: string;
  tokenTypeIds?: number[];
  documentTokens: number;
  keptDocumentTokens: number;
  truncated: boolean;
  logit: number;
  score: number;
}

export const fixtureNames = ['tiny-bert', 'tiny-qwen3', 'tiny-xlmr'] as const;
export type FixtureName = (typeof fixtureNames)[number];

export function readCases(name: FixtureName): FixtureCase[] {
  return (readJson(join(fixtures, `cases/${name}.json`)) as { cases: FixtureCase[] }).cases;
}

/** The manifest of a tiny bundle, with changes. */
export function readFixtureManifest(name: FixtureName, version: string): Manifest {
  const parsed = parseManifest(readJson(join(fixtureModels, name, version, 'manifest.json')));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.manifest;
}

/** The parsed tokenizer files of a tiny bundle. */
export function readFixtureTokenizer(name: FixtureName, version: string): { json: unknown; config: unknown } {
  const folder = join(fixtureModels, name, version);
  return { json: readJson(join(folder, 'tokenizer.json')), config: readJson(join(folder, 'tokenizer_config.json')) };
}

/** The encoder of a tiny bundle, for rows of `maxLengthTokens`. */
export function openFixtureEncoder(name: FixtureName, version: string, maxLengthTokens: number): Encoder {
  const { json } = readFixtureTokenizer(name, version);
  return createEncoder({ ...readFixtureManifest(name, version), maxLengthTokens }, json);
}

/** The real tokenizer of Qwen3. */
export function readQwen3Tokenizer(): { json: unknown; config: unknown } {
  const folder = join(fixtures, 'qwen3-tokenizer');
  return {
    json: JSON.parse(gunzipSync(readFileSync(join(folder, 'tokenizer.json.gz'))).toString()),
    config: readJson(join(folder, 'tokenizer_config.json')),
  };
}

/** One triple of texts and what the real tokenizer makes of it, whole and cut to several lengths. */
export interface TemplateCase {
  name: string;
  instruction: string;
  query: string;
  document: string;
  documentTokens: number;
  ids: number[];
  cut: Record<string, { error?: string; truncated?: boolean; keptDocumentTokens?: number; ids?: number[] }>;
}

export function readTemplateCases(): TemplateCase[] {
  return (readJson(join(fixtures, 'cases/qwen3-template-cases.json')) as { cases: TemplateCase[] }).cases;
}

/** A document that is cut from the left, and the row that it must become beside the whole query. */
export interface LeftCase {
  model: FixtureName;
  text: string;
  /** Tokens that are left of it. */
  limit: number;
  maxLength: number;
  /** Tokens of the whole text. */
  tokens: number;
  row: number[];
  /** The end of the text from the first kept token on. */
  kept: string;
}

export function readLeftCases(): { query: string; cases: LeftCase[] } {
  return readJson(join(fixtures, 'cases/left-truncation.json')) as { query: string; cases: LeftCase[] };
}

/** Odd strings and their ids by tokenizer. */
export function readProbes(): ({ name: string; text: string } & Record<string, number[] | string>)[] {
  return (readJson(join(fixtures, 'cases/tokenizer-probes.json')) as { probes: never[] }).probes;
}

/** What the reference makes of odd texts with every part that is run, and of every character. */
export interface PartCases {
  texts: string[];
  /** Ids of a tokenizer with one part, whose vocabulary is the words that the parts make. */
  parts: {
    words: string[];
    cases: { normalizer: object | null; pre_tokenizer: object | null; ids: number[][] }[];
  };
  /** Ids of a tokenizer of this project with some of its members changed, and some of its model's. */
  models: { base: string; change: Record<string, object | null>; ids: number[][] }[];
  /** Digests of what becomes of the characters of each block. */
  characters: { starts: number[]; block: number; cases: { part: { type: string }; digests: string[] }[] };
}

export function readPartCases(): PartCases {
  const { normalizer } = readFixtureTokenizer('tiny-xlmr', '1').json as { normalizer: { normalizers: object[] } };
  const { precompiled_charsmap: table } = normalizer.normalizers[0] as { precompiled_charsmap: string };
  const text = gunzipSync(readFileSync(join(fixtures, 'cases/tokenizer-parts.json.gz'))).toString();
  return JSON.parse(text.replaceAll('(that of tiny-xlmr)', table)) as PartCases;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Cases for one call each: up to 9, of one query where a session does not mix them. */
export function casesPerCall(cases: readonly FixtureCase[], { mixesQueries, maxRows }: SessionTraits): FixtureCase[][] {
  const groups = new Map<string, FixtureCase[]>();
  for (const one of cases) {
    const key = mixesQueries ? '' : JSON.stringify([one.instruction, one.query, one.maxLength]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const size = Math.min(9, maxRows);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / size) }, (_, at) => group.slice(at * size, (at + 1) * size)),
  );
}
