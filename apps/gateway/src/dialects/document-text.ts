import {
  type Content,
  contentText,
  isPartList,
  isText,
  isTypedPartList,
  partsText,
  type ReadText,
} from './content-parts';
import type { JsonObject } from './dialect';

/**
 * The text that is ranked for a document that may be an object: the values of `rankFields` in that order, one a line;
 * without such fields its `text` or its content parts; without those its JSON. Values that are not strings count as their
 * JSON, but for content parts.
 */
export function documentText(document: Content, rankFields: readonly string[]): ReadText {
  if (typeof document === 'string' || isPartList(document)) return textOf(document);
  const values = rankFields.filter((field) => hasValue(document, field)).map((field) => valueText(document[field]));
  // the name of the field is the caller's, so the place is told without it
  if (values.length > 0) return values.every(isText) ? values.join('\n') : { noTextAt: '' };
  return contentText(document) ?? JSON.stringify(document);
}

/** The text of the query, or of an element that must hold one. */
export function textOf(content: Content): ReadText {
  return contentText(content) ?? { noTextAt: '' };
}

function hasValue(document: JsonObject, field: string): boolean {
  return Object.hasOwn(document, field) && document[field] !== null;
}

function valueText(value: unknown): ReadText {
  if (typeof value === 'string') return value;
  return isTypedPartList(value) ? partsText(value) : JSON.stringify(value);
}
