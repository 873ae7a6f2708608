import { makeRequests } from '../bench/documents';
import { type ClientDialect, type Question, clientDialects } from './dialects';

/** The texts that requests are made of. Every pair of a query and a document has a score of its own. */
export interface TextPool {
  queries: readonly string[];
  documents: readonly string[];
}

/** What one caller does. */
export interface MixedRequest {
  question: Question;
  dialect: ClientDialect;
  /** What it says in `x-request-timeout-ms`; undefined: nothing. */
  timeoutMs: number | undefined;
  /** When it leaves without its answer, to ask once more; undefined: it waits. */
  leavesAfterMs: number | undefined;
}

/** Texts that lengths in bytes, characters and tokens differ of, and one that is longer than a model can read. */
const unusualDocuments: readonly string[] = [
  '机器学习是人工智能的一个分支，研究如何从数据中学习。',
  'Ein Fluss führt Sand ins Meer; über die Brücke fährt ein Zug.',
  '👩‍🔬 measures 🌡️ and writes it down ✍️',
  'a\nb\tc "quoted" \\ back / slash \u2028 separator',
  'worker '.repeat(900),
];

/** A model that requests name, and the texts that they send it. */
export interface AskedModel {
  /** Undefined: requests name none and get the default one. */
  name: string | undefined;
  pool: TextPool;
  /** The largest request. */
  mostDocuments: number;
  /** Whether it is quick enough for callers that wait for half a second. */
  hurries: boolean;
}

/** The texts of a seed. */
export function makeTextPool(seed: number, size: { queries: number; documents: number }): TextPool {
  const perQuery = Math.ceil(size.documents / size.queries);
  const made = makeRequests({ seed, requests: size.queries, documents: perQuery, words: { from: 3, to: 60 } });
  return {
    queries: made.map(({ query }) => query),
    documents: [...made.flatMap(({ documents }) => documents), ...unusualDocuments],
  };
}

/** Random choices of one request. */
export interface Chooser {
  /** Whether an event of this probability happens. */
  happens(probability: number): boolean;
  /** A whole number, both ends included. */
  between(from: number, to: number): number;
  one<T>(values: readonly T[]): T;
}

/** Chooses by a source of numbers in [0, 1). */
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

/** Of requests that wait for a short time only: more could not be scored in it, and would rightly be refused with 413. */
const mostInHurry = 2;

/** Mostly small requests, some of hundreds of documents; all dialects; some in a hurry, some whose callers leave. */
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
