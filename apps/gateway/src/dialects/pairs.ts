import type { Failure } from '@rerank-fleet/contract';
import { failureOf } from '../http/failure';
import { bodyParser, type BodyDescription } from './body-parser';
import { isTypedPartList } from './content-parts';
import type { JsonObject } from '../http/json-object';
import type { Dialect } from './dialect';

/** A body of pairs: its query may be a list of one text, or of the same text per document. */
export type PairDescription = BodyDescription & { queryField: string };

/**
 * Creates a parser for bodies of pairs. Pairs with one query are parsed as one query with its documents. Pairs with
 * different queries are refused, because one request is one ranking.
 */
export function pairParser(description: PairDescription): Dialect['parse'] {
  const { queryField: query, listField: list } = description;
  const parse = bodyParser(description);
  return (body, limits) => {
    const documents = isOne(body[list]) ? [body[list]] : body[list];
    const queries = body[query];
    // typed content parts are one query, not several
    const isTooLong = Array.isArray(documents) && documents.length > limits.maxDocuments;
    if (!Array.isArray(queries) || isTooLong || (queries.length > 1 && isTypedPartList(queries)))
      return parse({ ...body, [list]: documents }, limits);
    const failure = findUnlike(queries, documents, query);
    return failure
      ? { ok: false, failure }
      : parse({ ...body, [query]: queries[0] as unknown, [list]: documents }, limits);
  };
}

/** Whether a value is one element, not a list. */
function isOne(value: unknown): value is string | JsonObject {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

function findUnlike(queries: readonly unknown[], documents: unknown, field: string): Failure | undefined {
  const [first] = queries;
  if (queries.length === 0) return failureOf('invalid_value', `\`${field}\` must have at least one text.`, { field });
  if (queries.length === 1) return undefined;
  const isForEach = Array.isArray(documents) && documents.length === queries.length;
  if (isForEach && typeof first === 'string' && queries.every((query) => query === first)) return undefined;
  const message = `\`${field}\` has several different texts. A request ranks for one query, so send one request per query.`;
  return failureOf('invalid_value', message, { field });
}
