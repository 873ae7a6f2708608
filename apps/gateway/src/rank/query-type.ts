import type { QueryType } from '@rerank-fleet/metrics';

/** Only this much of a query is classified: a query of the largest size would take milliseconds. */
const scannedCharacters = 512;

/**
 * Tried in this order; the first match counts. `why` comes before `definition` because "为什么" contains "什么". English
 * words match at word boundaries, so that "define" does not match "undefined".
 */
const patterns: readonly (readonly [QueryType, RegExp])[] = [
  ['why', /为什么|为何|原因|\b(?:why|reasons?|causes?)\b/],
  ['definition', /什么|定义|\b(?:what(?:'s|’s| is| are)|define|definition|meaning of)\b/],
  ['howto', /如何|怎么|怎样|方法|\b(?:how (?:to|do|does|can|should)|ways? to)\b/],
];

/** The kind of a query, judged by Chinese or English words; `general` if none matches. */
export function classifyQuery(query: string): QueryType {
  const text = query.slice(0, scannedCharacters).toLowerCase();
  return patterns.find(([, pattern]) => pattern.test(text))?.[0] ?? 'general';
}
