import type { QueryType } from '@rerank-fleet/metrics';

/** Enough of a query to see what it asks; a query of the largest size would cost milliseconds. */
const scannedCharacters = 512;

/**
 * Looked up in this order, first match wins. `why` stands before `definition` because "为什么" contains "什么". English
 * words match at word boundaries, so that "define" is not found in "undefined" nor "why" in a name.
 */
const patterns: readonly (readonly [QueryType, RegExp])[] = [
  ['why', /为什么|为何|原因|\b(?:why|reasons?|causes?)\b/],
  ['definition', /什么|定义|\b(?:what(?:'s|’s| is| are)|define|definition|meaning of)\b/],
  ['howto', /如何|怎么|怎样|方法|\b(?:how (?:to|do|does|can|should)|ways? to)\b/],
];

/** What a query seems to ask for, judged by its words in Chinese or English; `general` when none is found. */
export function classifyQuery(query: string): QueryType {
  const text = query.slice(0, scannedCharacters).toLowerCase();
  return patterns.find(([, pattern]) => pattern.test(text))?.[0] ?? 'general';
}
