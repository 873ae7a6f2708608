import type { JsonObject } from './dialect';

/**
 * The text that is ranked for a document that may be an object: the values of `rankFields` in that order, one a line;
 * without such fields its `text`; without that its JSON. Values that are not strings count as their JSON.
 */
export function documentText(document: string | JsonObject, rankFields: readonly string[]): string {
  if (typeof document === 'string') return document;
  const values = rankFields.filter((field) => hasValue(document, field)).map((field) => valueText(document[field]));
  if (values.length > 0) return values.join('\n');
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
