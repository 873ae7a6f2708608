import {
  type Content,
  contentText,
  isPartList,
  isText,
  isTypedPartList,
  partsText,
  type ReadText,
} from './content-parts';
import type { JsonObject } from '../http/json-object';

/** By what the texts of documents are built. */
export interface DocumentTextRules {
  /** Members of an object that are ranked, in this order; one that is named twice counts once. */
  rankFields?: readonly string[] | null | undefined;
  /** Characters past which a text is of no use: nothing more is added to it. */
  maxCharacters: number;
}

/**
 * The texts that are ranked for documents that may be objects or content parts, each built when it is asked for: whoever stops at the
 * first that is refused has not paid for the others.
 */
export function* documentTexts(
  documents: readonly Content[],
  { rankFields, maxCharacters }: DocumentTextRules,
): Generator<ReadText> {
  const fields = [...new Set(rankFields)];
  for (const document of documents) yield documentText(document, { rankFields: fields, maxCharacters });
}

/**
 * The text of one document: the values of `rankFields` in that order, one per line; without such fields its `text` or its
 * content parts; without those its JSON. Values that are not strings count as their JSON, but for content parts. A text
 * that passes `maxCharacters` ends with the value or part that made it pass.
 */
function documentText(
  document: Content,
  { rankFields, maxCharacters }: { rankFields: readonly string[]; maxCharacters: number },
): ReadText {
  if (typeof document === 'string' || isPartList(document)) return textOf(document, maxCharacters);
  let joined: string | undefined;
  for (const field of rankFields) {
    if (!hasValue(document, field)) continue;
    const value = valueText(document[field], maxCharacters);
    // the name of the field is the caller's, so the place is told without it
    if (!isText(value)) return { noTextAt: '' };
    joined = joined === undefined ? value : `${joined}\n${value}`;
    if (joined.length > maxCharacters) return joined;
  }
  return joined ?? contentText(document, maxCharacters) ?? JSON.stringify(document);
}

/** The text of the query, or of an element that must hold one; it is built as that of a document is. */
export function textOf(content: Content, maxCharacters: number): ReadText {
  return contentText(content, maxCharacters) ?? { noTextAt: '' };
}

function hasValue(document: JsonObject, field: string): boolean {
  return Object.hasOwn(document, field) && document[field] !== null;
}

function valueText(value: unknown, maxCharacters: number): ReadText {
  if (typeof value === 'string') return value;
  return isTypedPartList(value) ? partsText(value, { maxCharacters }) : JSON.stringify(value);
}
