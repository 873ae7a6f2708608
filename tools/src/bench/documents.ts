import { seededRandom } from './statistics';

/** A synthetic request of everyday words. */
export interface BenchRequest {
  query: string;
  documents: string[];
}

export interface RequestsOptions {
  /** The same seed always gives the same requests. */
  seed: number;
  requests: number;
  documents: number;
  /**
   * Words per document. One number gives documents of equal length, also in tokens. For a range, the documents of each
   * request are spread evenly over it, so that all requests are about the same amount of work.
   */
  words: number | Range;
  /** Words per query, with the same words in a different order each time. Default: 4 to 12 words. */
  queryWords?: number;
}

/** Everyday words, one or two tokens each with the usual tokenizers. */
export const vocabulary: readonly string[] = `
  the a of and to in for with from by on at is are was has that this each every another after before while when where
  worker gateway queue batch token document query answer score model session thread request response deadline limit
  service machine memory processor device network disk file folder log metric alert dashboard runbook operator team
  morning evening week month winter summer river mountain harbour bridge garden kitchen market station library museum
  starts stops reads writes sends waits grows shrinks measures compares explains repeats restores replaces schedules
  quick slow steady careful quiet bright heavy narrow ordinary recent previous available temporary expected unusual
  water paper copper timber engine wheel window signal ticket journey weather temperature pressure distance evidence
  letter number colour question example reason result change problem history article chapter sentence language
  because although however therefore together sometimes usually rarely never always almost about between through
  backup certificate password invoice customer delivery payment schedule warehouse inventory reservation passenger
`
  .trim()
  .split(/\s+/);

/** Every request has a different query. */
export function makeRequests({ seed, requests, documents, words, queryWords }: RequestsOptions): BenchRequest[] {
  const random = seededRandom(seed);
  const texts = typeof words === 'number' ? equalTexts(words, random) : mixedTexts(words, random);
  const queryOf =
    queryWords === undefined
      ? () => someWords(at({ from: 4, to: 12 }, random()), random).join(' ')
      : () => equalTexts(queryWords, random)(1).join();
  return Array.from({ length: requests }, () => ({
    query: `${queryOf()}?`,
    documents: texts(documents),
  }));
}

interface Range {
  from: number;
  to: number;
}

/** The whole number at a share in [0, 1) of a range. */
function at({ from, to }: Range, share: number): number {
  return from + Math.floor(share * (to - from + 1));
}

function someWords(count: number, random: () => number): string[] {
  return Array.from({ length: count }, () => vocabulary[Math.floor(random() * vocabulary.length)] as string);
}

function mixedTexts(range: Range, random: () => number): (count: number) => string[] {
  return (count) => {
    const lengths = Array.from({ length: count }, (_, index) => at(range, (index + random()) / count));
    return shuffled(lengths, random).map((length) => someWords(length, random).join(' '));
  };
}

/** The same words in a different order each time, so that word-based tokenizers give the same number of tokens. */
function equalTexts(words: number, random: () => number): (count: number) => string[] {
  const bag = Array.from({ length: words }, (_, index) => vocabulary[index % vocabulary.length] as string);
  return (count) => Array.from({ length: count }, () => shuffled(bag, random).join(' '));
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
