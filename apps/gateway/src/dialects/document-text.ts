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

/** How the texts of documents are built. */
export interface DocumentTextRules {
  /** Members of an object that are ranked, in this order. A repeated name counts once. */
  rankFields?: readonly string[] | null | undefined;
  /** When a text is longer than this, nothing more is added to it. */
  maxCharacters: number;
}

/**
 * The ranked texts of documents, which may be strings, objects or content parts. Each text is built on demand, so a
 * caller that stops at the first refused document does not build the others.
 */
export function* documentTexts(
  documents: readonly Content[],
  { rankFields, maxCharacters }: DocumentTextRules,
): Generator<ReadText> {
  const fields = [...new Set(rankFields)];
  for (const document of documents) yield documentText(document, { rankFields: fields, maxCharacters });
}

/**
 * The text of one document: the values of `rankFields` in that order, one per line. Without such fields: its `text` or
 * its content parts, otherwise its JSON. Values that are neither strings nor content parts count as their JSON. When
 * the text exceeds `maxCharacters`, no further value or part is added.
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
    // the field's name comes from the caller, so the position is returned without it
    if (!isText(value)) return { noTextAt: '' };
    joined = joined === undefined ? value : `${joined}\n${value}`;
    if (joined.length > maxCharacters) return joined;
  }
  return joined ?? contentText(document, maxCharacters) ?? JSON.stringify(document);
}

/** The text of the query, or of an element that must be a text. Built as the text of a document. */
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
