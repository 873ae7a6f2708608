import { makeRequests } from '../bench/documents';
import { type ClientDialect, type Question, clientDialects } from './dialects';

/** The texts of requests. Every pair of a query and a document has its own score. */
export interface TextPool {
  queries: readonly string[];
  documents: readonly string[];
}

/** A request and the behaviour of its caller. */
export interface MixedRequest {
  question: Question;
  dialect: ClientDialect;
  /** Value of `x-request-timeout-ms`; undefined: no header. */
  timeoutMs: number | undefined;
  /** Time after which the caller disconnects and sends the request again; undefined: it waits. */
  leavesAfterMs: number | undefined;
}

/** Texts whose lengths in bytes, characters and tokens differ, and one that exceeds the input length of a model. */
const unusualDocuments: readonly string[] = [
  '机器学习是人工智能的一个分支，研究如何从数据中学习。',
  'Ein Fluss führt Sand ins Meer; über die Brücke fährt ein Zug.',
  '👩‍🔬 measures 🌡️ and writes it down ✍️',
  'a\nb\tc "quoted" \\ back / slash \u2028 separator',
  'worker '.repeat(900),
];

/** A model that gets requests, and the texts of these requests. */
export interface AskedModel {
  /** Undefined: requests name no model and get the default model. */
  name: string | undefined;
  pool: TextPool;
  /** Documents of the largest request. */
  mostDocuments: number;
  /** Whether the model is fast enough for requests with a wait of half a second. */
  hurries: boolean;
}

/** The texts for a seed. */
export function makeTextPool(seed: number, size: { queries: number; documents: number }): TextPool {
  const perQuery = Math.ceil(size.documents / size.queries);
  const made = makeRequests({ seed, requests: size.queries, documents: perQuery, words: { from: 3, to: 60 } });
  return {
    queries: made.map(({ query }) => query),
    documents: [...made.flatMap(({ documents }) => documents), ...unusualDocuments],
  };
}

/** Random choices for one request. */
export interface Chooser {
  /** Whether an event of this probability happens. */
  happens(probability: number): boolean;
  /** A whole number, both ends included. */
  between(from: number, to: number): number;
  one<T>(values: readonly T[]): T;
}

/** A chooser that uses random numbers in [0, 1). */
export function chooserOf(random: () => number): Chooser {
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  return {
    happens: (probability) => random() < probability,
    between,
    one<T>(values: readonly T[]): T {
      if (values.length === 0) throw new RangeError('there is nothing to choose from');
      return values[between(0, values.length - 1)] as T;
    },
  };
}

/** Most documents of a request with a short wait: more could not be scored in time and would be refused with 413. */
const mostInHurry = 2;

/**
 * Mostly small requests and some with hundreds of documents, in all dialects. Some have a short wait, some have a caller
 * that leaves.
 */
export function mixedRequest(choose: Chooser, { name: model, pool, mostDocuments, hurries }: AskedModel): MixedRequest {
  const dialect = choose.one(clientDialects);
  const isInHurry = hurries && choose.happens(0.05);
  const length = Math.min(isInHurry ? mostInHurry : mostDocuments, sizeOf(choose));
  const documents = Array.from({ length }, () => choose.one(pool.documents));
  return {
    dialect,
    question: {
      model,
      query: choose.one(pool.queries),
      documents,
      topN: dialect.cuts && choose.happens(0.3) ? choose.between(1, documents.length + 2) : undefined,
      returnTexts: dialect.texts === 'always' || (dialect.texts === 'asked' && choose.happens(0.4)),
      priority: choose.happens(0.2) ? choose.one([0, 1, 5, 900]) : undefined,
    },
    timeoutMs: isInHurry ? choose.between(500, 1_500) : choose.one([undefined, 30_000]),
    leavesAfterMs: choose.happens(0.04) ? choose.between(0, 300) : undefined,
  };
}

function sizeOf(choose: Chooser): number {
  if (choose.happens(0.75)) return choose.between(1, 8);
  if (choose.happens(0.8)) return choose.between(9, 40);
  return choose.happens(0.8) ? choose.between(41, 200) : choose.between(500, 1_000);
}
