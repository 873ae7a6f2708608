import type { Failure } from '@rerank-fleet/contract';
import {
  dashScopeError,
  infinityError,
  openRouterError,
  pineconeError,
  teiError,
  threeSpellings,
  voyageError,
  weaviateError,
} from './error-bodies';
import { call, type TestEdge, type WireAnswer } from '../testing';

/**
 * Every dialect as its clients use it, for tests that apply one rule to all dialects. The shapes are written out here,
 * not taken from the dialects.
 */
export interface DialectCase {
  name: string;
  path: string;
  /** The names of the query and of the list of documents in errors. */
  fields: { query: string; list: string };
  /** Builds a body; options are placed where the dialect has them. */
  body(query: unknown, documents: readonly unknown[], options?: object): object;
  /** The element types of its documents: strings and `{text}`, or strings and any object. */
  elements: 'texts' | 'objects';
  /** The names of all options of the dialect. */
  options: readonly string[];
  /** The boolean ones of these options. */
  flags: readonly string[];
  /** Further options that it accepts, under other names or without a test of their own. */
  alsoTakes?: readonly string[];
  /** The option that limits the number of results; undefined: all results are returned. */
  limit?: 'top_n' | 'top_k';
  /** `order`: the order of the results. `isLogit`: scores are logits. */
  order: 'best first' | 'as sent';
  isLogit?: true;
  results(json: unknown): CaseResult[];
  /** Where its answers report warnings. */
  warnings: 'meta' | 'body' | 'header';
  error(failure: Failure, requestId: string): object;
}

/** A result with normalised member names. */
export interface CaseResult {
  index: number;
  score: number;
  document?: unknown;
}

interface Spelled {
  index: number;
  score: number;
  relevance_score: number;
  logit: number;
  text?: string;
  document?: unknown;
  input?: unknown;
}

const read =
  (
    list: (json: never) => unknown,
    score: 'score' | 'relevance_score' | 'logit',
    document: 'text' | 'document' | 'input',
  ) =>
  (json: unknown): CaseResult[] =>
    (list(json as never) as Spelled[]).map((result) => ({
      index: result.index,
      score: result[score],
      ...(document in result && { document: result[document] }),
    }));

const withDocuments = (query: unknown, documents: readonly unknown[], options: object = {}) => ({
  query,
  documents,
  ...options,
});
const withInput = (query: unknown, documents: readonly unknown[], options: object = {}) => ({
  model: 'default',
  input: { query, documents },
  parameters: options,
});
const withPassages = (query: unknown, documents: readonly unknown[], options: object = {}) => ({
  model: 'default',
  query: typeof query === 'string' ? { text: query } : query,
  passages: documents.map((text) => (typeof text === 'string' ? { text } : text)),
  truncate: 'END',
  ...options,
});

const documentsDialect = {
  warnings: 'meta',
  path: '/v1/rerank',
  fields: { query: 'query', list: 'documents' },
  body: withDocuments,
  elements: 'objects',
  options: [
    'model',
    'rank_fields',
    'top_n',
    'return_documents',
    'instruction',
    'instruct',
    'max_tokens_per_doc',
    'priority',
    'raw_scores',
    'use_activation',
    'activation',
    'truncate',
  ],
  flags: ['return_documents', 'raw_scores', 'use_activation', 'activation'],
  limit: 'top_n',
  order: 'best first',
  results: read(({ results }: { results: unknown }) => results, 'relevance_score', 'document'),
  error: threeSpellings,
} as const;
const dashScope = {
  warnings: 'body',
  fields: { query: 'input.query', list: 'input.documents' },
  body: withInput,
  elements: 'texts',
  options: ['top_n', 'return_documents', 'instruct'],
  flags: ['return_documents'],
  limit: 'top_n',
  order: 'best first',
  results: read(({ output }: { output: { results: unknown } }) => output.results, 'relevance_score', 'document'),
  error: dashScopeError,
} as const;
const nvidia = {
  warnings: 'body',
  fields: { query: 'query', list: 'passages' },
  body: withPassages,
  elements: 'texts',
  options: ['model', 'top_n', 'top_k', 'truncate'],
  flags: [],
  limit: 'top_k',
  order: 'best first',
  isLogit: true,
  results: read(({ rankings }: { rankings: unknown }) => rankings, 'logit', 'document'),
  error: threeSpellings,
} as const;
const mixedbread = {
  warnings: 'body',
  fields: { query: 'query', list: 'input' },
  body: (query: unknown, input: readonly unknown[], options: object = {}) => ({ query, input, ...options }),
  elements: 'objects',
  options: ['model', 'rank_fields', 'top_k', 'return_input', 'instruction'],
  flags: ['return_input'],
  limit: 'top_k',
  order: 'best first',
  results: read(({ data }: { data: unknown }) => data, 'score', 'input'),
  error: threeSpellings,
} as const;
const bareArray = {
  warnings: 'header',
  order: 'best first',
  results: read((json) => json, 'score', 'text'),
  error: teiError,
} as const;

const inOrder = { warnings: 'body', elements: 'texts', order: 'as sent', error: threeSpellings } as const;
const bestFirst = {
  ...inOrder,
  order: 'best first',
  options: ['model', 'top_n'],
  flags: [],
  limit: 'top_n',
} as const;

const scoreSpellings = [
  ['text_1', 'text_2'],
  ['queries', 'documents'],
  ['queries', 'items'],
  ['data_1', 'data_2'],
] as const;

const scoreCase = (query: string, list: string): DialectCase => ({
  ...inOrder,
  name: list === 'text_2' ? 'score' : `score by ${list}`,
  path: list === 'items' ? '/score' : '/v1/score',
  fields: { query, list },
  body: (asked, texts, options) => ({ [query]: asked, [list]: texts, ...options }),
  options: ['model', 'instruction', 'max_tokens_per_doc', 'priority', 'raw_scores', 'use_activation', 'activation'],
  flags: ['raw_scores', 'use_activation', 'activation'],
  results: read(({ data }: { data: unknown }) => data, 'score', 'document'),
});

export const dialectCases: readonly DialectCase[] = [
  { name: 'documents', ...documentsDialect, alsoTakes: ['return_tokens'] },
  {
    name: 'texts',
    path: '/rerank',
    fields: { query: 'query', list: 'texts' },
    body: (query, texts, options) => ({ query, texts, ...options }),
    elements: 'texts',
    options: ['model', 'raw_scores', 'return_text', 'top_n', 'instruction', 'truncate'],
    flags: ['raw_scores', 'return_text'],
    limit: 'top_n',
    ...bareArray,
  },
  { ...documentsDialect, name: 'hugging-face', path: '/hf/rerank', ...bareArray },
  {
    ...documentsDialect,
    name: 'infinity',
    path: '/infinity/rerank',
    alsoTakes: ['return_tokens'],
    error: infinityError,
  },
  {
    ...documentsDialect,
    name: 'openrouter',
    path: '/api/v1/rerank',
    options: ['model', 'top_n', 'raw_scores'],
    alsoTakes: [...documentsDialect.options, 'return_tokens'],
    flags: ['raw_scores'],
    error: openRouterError,
  },
  { name: 'mixedbread', path: '/v1/reranking', ...mixedbread },
  { name: 'mixedbread by its body', path: '/rerank', ...mixedbread },
  {
    name: 'pinecone',
    path: '/pinecone/rerank',
    warnings: 'body',
    fields: { query: 'query', list: 'documents' },
    body: withDocuments,
    elements: 'objects',
    options: ['model', 'rank_fields', 'top_n', 'return_documents', 'parameters'],
    flags: ['return_documents'],
    limit: 'top_n',
    order: 'best first',
    results: read(({ data }: { data: unknown }) => data, 'score', 'document'),
    error: pineconeError,
  },
  {
    name: 'voyage',
    path: '/voyage/v1/rerank',
    warnings: 'body',
    fields: { query: 'query', list: 'documents' },
    body: withDocuments,
    elements: 'objects',
    options: ['model', 'top_k', 'return_documents', 'instruction', 'truncation'],
    flags: ['return_documents'],
    limit: 'top_k',
    order: 'best first',
    results: read(({ data }: { data: unknown }) => data, 'relevance_score', 'document'),
    error: voyageError,
  },
  { name: 'dash-scope', path: '/api/v1/services/rerank/text-rerank/text-rerank', ...dashScope },
  { name: 'dash-scope by its body', path: '/rerank', ...dashScope },
  { name: 'nvidia', path: '/v1/ranking', ...nvidia },
  { name: 'nvidia by its body', path: '/v1/rerank', ...nvidia },
  {
    name: 'weaviate',
    path: '/rerank',
    warnings: 'body',
    fields: { query: 'query', list: 'documents' },
    body: (query, documents, options) => ({ query, documents, property: '', ...options }),
    elements: 'objects',
    options: ['model'],
    flags: [],
    order: 'as sent',
    results: (json) =>
      (json as { scores: { document: string; score: number }[] }).scores.map((one, index) => ({ index, ...one })),
    error: weaviateError,
  },
  ...scoreSpellings.map(([query, list]) => scoreCase(query, list)),
  {
    ...inOrder,
    name: 'deepinfra',
    path: '/v1/inference/default',
    fields: { query: 'queries', list: 'documents' },
    body: (asked, documents, options) => ({ queries: [asked], documents, ...options }),
    options: ['model', 'instruction'],
    flags: [],
    results: (json) => (json as { scores: number[] }).scores.map((score, index) => ({ index, score })),
  },
  {
    ...bestFirst,
    name: 'zeroentropy',
    path: '/v1/models/rerank',
    fields: { query: 'query', list: 'documents' },
    body: withDocuments,
    results: read(({ results }: { results: unknown }) => results, 'relevance_score', 'document'),
  },
  {
    ...bestFirst,
    name: 'isaacus',
    path: '/v1/rerankings',
    fields: { query: 'query', list: 'texts' },
    body: (asked, texts, options) => ({ query: asked, texts, ...options }),
    alsoTakes: ['is_iql'],
    results: read(({ results }: { results: unknown }) => results, 'score', 'document'),
  },
];

/** One rule: its text, the clients that break without it, and its check. */
export type RuleRow = [rule: string, clients: string, check: () => Promise<void>];

export const query = 'How do I restart a crashed worker? 如何重启';
export const documents = ['a museum', 'restart it with systemctl', '文档'];

/** Sends a request as a client of the dialect does. */
export function ask(edge: TestEdge, { path, body }: DialectCase, options?: object): Promise<WireAnswer> {
  return call(edge, { path, body: body(query, documents, options) });
}

/** As {@link ask}, for answers that must be rankings. */
export async function askResults(edge: TestEdge, dialect: DialectCase, options?: object): Promise<CaseResult[]> {
  const { status, json, text } = await ask(edge, dialect, options);
  if (status !== 200) throw new Error(`${dialect.name}: ${status} ${text}`);
  return dialect.results(json);
}

/** The warnings of an answer. Fails if they are anywhere but in the place that the dialect defines. */
export function warningsIn({ warnings: place }: DialectCase, { json, headers }: WireAnswer): string[] {
  const { meta, warnings } = json as { meta?: { warnings?: string[] }; warnings?: string[] };
  const header = headers['x-warnings'];
  const found = {
    meta: meta?.warnings,
    body: warnings,
    header: header === undefined ? undefined : String(header).split('; '),
  };
  const elsewhere = Object.entries(found).filter(([name, value]) => name !== place && value !== undefined);
  if (elsewhere.length > 0)
    throw new Error(`warnings in ${elsewhere.map(([name]) => name).join(', ')}, not in ${place}`);
  return found[place] ?? [];
}

/** Whether the scores never increase. */
export const isSorted = (results: readonly CaseResult[]): boolean =>
  results.every(({ score }, at) => at === 0 || (results[at - 1]?.score ?? NaN) >= score);

/** The indices of the returned documents, ascending. */
export const indicesOf = (results: readonly { index: number }[]): number[] =>
  results.map(({ index }) => index).sort((left, right) => left - right);
