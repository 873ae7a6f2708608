/** The parts of a tokenizer.json that are read here. */
export interface TokenizerJson {
  added_tokens: { id: number; content: string }[];
  normalizer: Record<string, unknown> | null;
  pre_tokenizer: Record<string, unknown> | null;
  model: Record<string, unknown>;
}

/** The tokenizer files do not describe a tokenizer that this code can run. One line, written by us. */
export class TokenizerError extends Error {
  override name = 'TokenizerError';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isTokenizerJson(json: unknown): json is TokenizerJson {
  return isObject(json) && Array.isArray(json['added_tokens']) && isObject(json['model']);
}
