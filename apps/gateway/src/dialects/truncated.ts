import type { Ranking } from '@rerank-fleet/contract';

/** The member that lists truncated documents, to be spread into an answer. Empty if none was truncated. */
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
