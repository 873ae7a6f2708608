import type { JsonObject } from './dialect';

/** By what the texts of documents are built. */
export interface DocumentTextRules {
  /** Members of an object that are ranked, in this order; one that is named twice counts once. */
  rankFields?: readonly string[] | null | undefined;
  /** Characters past which a text is of no use: nothing more is added to it. */
  maxCharacters: number;
}

/**
 * The texts that are ranked for documents that may be objects, each built when it is asked for: whoever stops at the
 * first that is too long has not paid for the others.
 */
export function* documentTexts(
  documents: readonly (string | JsonObject)[],
  { rankFields, maxCharacters }: DocumentTextRules,
): Generator<string> {
  const fields = [...new Set(rankFields)];
  for (const document of documents) yield documentText(document, { rankFields: fields, maxCharacters });
}

/**
 * The text of one document: the values of `rankFields` in that order, one per line; without such fields its `text`;
 * without that its JSON. Values that are not strings count as their JSON. A text that passes `maxCharacters` ends with
 * the value that made it pass.
 */
function documentText(
  document: string | JsonObject,
  { rankFields, maxCharacters }: { rankFields: readonly string[]; maxCharacters: number },
): string {
  if (typeof document === 'string') return document;
  let joined: string | undefined;
  for (const field of rankFields) {
    if (!hasValue(document, field)) continue;
    const value = valueText(document[field]);
    joined = joined === undefined ? value : `${joined}\n${value}`;
    if (joined.length > maxCharacters) return joined;
  }
  if (joined !== undefined) return joined;
  return Object.hasOwn(document, 'text') && typeof document['text'] === 'string'
    ? document['text']
    : JSON.stringify(document);
}

function hasValue(document: JsonObject, field: string): boolean {
  return Object.hasOwn(document, field) && document[field] !== null;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
