import { byteCharacters } from './bytes';

/** Tokens with their ids. */
export type VocabularyJson = Readonly<Record<string, number>>;
/** A piece of a Unigram vocabulary. Its id is its index in the list. */
export type PieceJson = readonly [piece: string, score: number];
/** Two tokens that are merged into one. */
export type Merge = readonly [left: string, right: string];

/*
 * Vocabularies have up to some hundred thousand entries, so they are checked by loops and not copied.
 */

/** The reason why a value is not a vocabulary of tokens with unique ids; undefined if it is one. */
export function vocabularyProblem(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'has no vocab of tokens with their ids';
  const ids = Object.values(json) as unknown[];
  const strange = ids.findIndex((id) => !Number.isSafeInteger(id) || Number(id) < 0);
  if (strange >= 0) return `has the token ${quoted(Object.keys(json)[strange])} with the id ${String(ids[strange])}`;
  return new Set(ids).size === ids.length ? undefined : 'has one id for several tokens';
}

/** The reason why a value is not a vocabulary of pieces with scores; undefined if it is one. */
export function pieceProblem(json: unknown): string | undefined {
  if (!Array.isArray(json)) return 'has no vocab of pieces with their scores';
  for (const [id, entry] of (json as unknown[]).entries()) {
    const [piece, score, ...others]: unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof piece !== 'string' || others.length > 0) return `has no piece with the id ${id}`;
    if (!Number.isFinite(score)) return `has the piece ${quoted(piece)} with the score ${String(score)}`;
  }
  return undefined;
}

const quoted = (token: string | undefined): string => JSON.stringify((token ?? '').slice(0, 60));

/** The pairs of a list of merges; undefined if the value is not such a list. */
export function mergePairs(json: unknown): Merge[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const pairs: Merge[] = [];
  for (const merge of json as unknown[]) {
    const parts: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(parts) || parts.length !== 2) return undefined;
    const [left, right]: unknown[] = parts;
    if (typeof left !== 'string' || typeof right !== 'string') return undefined;
    pairs.push([left, right]);
  }
  return pairs;
}

/** The reason why a vocabulary with its merges is not one over bytes; undefined if it is one. */
export function bpeProblem(vocab: VocabularyJson, merges: readonly Merge[]): string | undefined {
  const tokens = new Set(Object.keys(vocab));
  const lacking = byteCharacters.findIndex((character) => !tokens.has(character));
  if (lacking >= 0) return `has no token for the byte ${lacking}, so it is not over bytes`;
  const isStrange = merges.some(
    ([left, right]) => !tokens.has(left) || !tokens.has(right) || !tokens.has(left + right),
  );
  return isStrange ? 'has merges of tokens that its vocab lacks' : undefined;
}
