import { z } from 'zod';

/** A ranking request, independent of the dialect. */
export interface Question {
  /** Undefined: the default model. */
  model: string | undefined;
  query: string;
  documents: readonly string[];
  /** Undefined: all. */
  topN: number | undefined;
  returnTexts: boolean;
  /** Undefined: the most urgent. Only in dialects that support it. */
  priority: number | undefined;
}

/** One document of an answer. */
export interface ScoredDocument {
  index: number;
  score: number;
  /** Undefined when the answer does not contain it. */
  text: string | undefined;
}

/** Builds the requests of one kind of client and reads its answers. */
export interface ClientDialect {
  name: string;
  path: string;
  /** Kind of its scores. */
  scores: 'logit' | 'sigmoid';
  order: 'best-first' | 'as-sent';
  /** Whether it supports a top-n parameter. */
  cuts: boolean;
  /** When the answer contains the texts. */
  texts: 'never' | 'asked' | 'always';
  body(question: Question): object;
  /** Undefined when the answer does not have the dialect's shape. */
  read(answer: unknown): ScoredDocument[] | undefined;
}

/** What most dialects have in common. */
const usual = { scores: 'sigmoid', order: 'best-first', cuts: true, texts: 'asked' } as const;

const textOf = z.union([z.string(), z.object({ text: z.string() }).transform(({ text }) => text)]).optional();
const index = z.number().int();

/** Schema of a result with these member names. */
function resultWith(scoreName: string, textName: string) {
  return z.looseObject({ index, [scoreName]: z.number(), [textName]: textOf }).transform((result): ScoredDocument => {
    const read = result as Record<string, unknown>;
    return { index: result.index as number, score: read[scoreName] as number, text: read[textName] as string };
  });
}

function reader(schema: z.ZodType<ScoredDocument[]>): ClientDialect['read'] {
  return (answer) => schema.safeParse(answer).data;
}

const relevance = z.array(resultWith('relevance_score', 'document'));
const inResults = z.object({ results: relevance }).transform(({ results }) => results);

function cohereBody({ model, query, documents, topN, returnTexts, priority }: Question): object {
  return { model, query, documents, top_n: topN, return_documents: returnTexts, priority, raw_scores: true };
}

function cohereLike(name: string, path: string): ClientDialect {
  const read = reader(inResults);
  return { name, path, ...usual, scores: 'logit', body: cohereBody, read };
}

/** The most common dialect. */
export const cohere = cohereLike('cohere', '/v1/rerank');

const tei: ClientDialect = {
  name: 'tei',
  path: '/rerank',
  ...usual,
  scores: 'logit',
  body: ({ model, query, documents, topN, returnTexts }) => ({
    model,
    query,
    texts: documents,
    top_n: topN,
    return_text: returnTexts,
    raw_scores: true,
  }),
  read: reader(z.array(resultWith('score', 'text'))),
};

const nvidia: ClientDialect = {
  name: 'nvidia',
  path: '/v1/ranking',
  ...usual,
  scores: 'logit',
  texts: 'never',
  body: ({ model, query, documents, topN }) => ({
    model,
    query: { text: query },
    passages: documents.map((text) => ({ text })),
    top_n: topN,
  }),
  read: reader(z.object({ rankings: z.array(resultWith('logit', 'text')) }).transform(({ rankings }) => rankings)),
};

const dashScope: ClientDialect = {
  name: 'dash-scope',
  path: '/api/v1/services/rerank/text-rerank/text-rerank',
  ...usual,
  body: ({ model, query, documents, topN, returnTexts }) => ({
    model,
    input: { query, documents },
    parameters: { top_n: topN, return_documents: returnTexts },
  }),
  read: reader(z.object({ output: z.object({ results: relevance }) }).transform(({ output }) => output.results)),
};

const voyage: ClientDialect = {
  name: 'voyage',
  path: '/voyage/v1/rerank',
  ...usual,
  body: ({ model, query, documents, topN, returnTexts }) => ({
    model,
    query,
    documents,
    top_k: topN,
    return_documents: returnTexts,
  }),
  read: reader(z.object({ data: relevance }).transform(({ data }) => data)),
};

const mixedbread: ClientDialect = {
  name: 'mixedbread',
  path: '/v1/reranking',
  ...usual,
  body: ({ model, query, documents, topN, returnTexts }) => ({
    model,
    query,
    input: documents,
    top_k: topN,
    return_input: returnTexts,
  }),
  read: reader(z.object({ data: z.array(resultWith('score', 'input')) }).transform(({ data }) => data)),
};

const pinecone: ClientDialect = {
  name: 'pinecone',
  path: '/pinecone/rerank',
  ...usual,
  body: ({ model, query, documents, topN, returnTexts }) => ({
    model,
    query,
    documents: documents.map((text) => ({ text })),
    top_n: topN,
    return_documents: returnTexts,
  }),
  read: reader(z.object({ data: z.array(resultWith('score', 'document')) }).transform(({ data }) => data)),
};

const weaviateScores = z.array(z.object({ document: z.string(), score: z.number() }));

const weaviate: ClientDialect = {
  name: 'weaviate',
  path: '/rerank',
  scores: 'sigmoid',
  order: 'as-sent',
  cuts: false,
  texts: 'always',
  body: ({ model, query, documents }) => ({ model, query, documents, property: 'content' }),
  read: reader(
    z
      .object({ scores: weaviateScores })
      .transform(({ scores }) => scores.map(({ document, score }, at) => ({ index: at, score, text: document }))),
  ),
};

/** All dialects that clients use. */
export const clientDialects: readonly ClientDialect[] = [
  cohere,
  tei,
  cohereLike('infinity', '/infinity/rerank'),
  { ...cohereLike('openrouter', '/api/v1/rerank'), texts: 'always' },
  { ...tei, name: 'hugging-face', path: '/hf/rerank', body: cohereBody },
  nvidia,
  dashScope,
  voyage,
  mixedbread,
  pinecone,
  weaviate,
];
