import type { Ranking } from '@rerank-fleet/contract';

/** The member that tells which documents were cut, to be spread into an answer: absent when none was. */
export function truncatedMember({ truncated }: Ranking): { truncated?: object[] } {
  if (truncated.length === 0) return {};
  return {
    truncated: truncated.map(({ index, tokens, keptTokens, keptCharacters, side }) => ({
      index,
      tokens,
      kept_tokens: keptTokens,
      kept_characters: keptCharacters,
      ...(side === undefined ? {} : { side }),
    })),
  };
}
