import type { Failure } from '@rerank-fleet/contract';
import { failureOf } from '../http/failure';
import { bodyParser, type BodyDescription } from './body-parser';
import { isTypedPartList } from './content-parts';
import type { JsonObject } from '../http/json-object';
import type { Dialect } from './dialect';

/** A body that pairs texts: its query may be a list of one text, or of the same text for each of the documents. */
export type PairDescription = BodyDescription & { queryField: string };

/**
 * A parser for bodies of pairs: what is meant as one query with its documents is handed on so. Pairs of unlike queries are
 * several rankings, which one request is not.
 */
export function pairParser(description: PairDescription): Dialect['parse'] {
  const { queryField: query, listField: list } = description;
  const parse = bodyParser(description);
  return (body, limits) => {
    const documents = isOne(body[list]) ? [body[list]] : body[list];
    const queries = body[query];
    // content parts have a type each: they are one query, not several
    const isTooLong = Array.isArray(documents) && documents.length > limits.maxDocuments;
    if (!Array.isArray(queries) || isTooLong || (queries.length > 1 && isTypedPartList(queries)))
      return parse({ ...body, [list]: documents }, limits);
    const failure = findUnlike(queries, documents, query);
    return failure
      ? { ok: false, failure }
      : parse({ ...body, [query]: queries[0] as unknown, [list]: documents }, limits);
  };
}

/** One element in place of a list. */
function isOne(value: unknown): value is string | JsonObject {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

function findUnlike(queries: readonly unknown[], documents: unknown, field: string): Failure | undefined {
  const [first] = queries;
  if (queries.length === 0) return failureOf('invalid_value', `\`${field}\` must hold at least one text.`, { field });
  if (queries.length === 1) return undefined;
  const isForEach = Array.isArray(documents) && documents.length === queries.length;
  if (isForEach && typeof first === 'string' && queries.every((query) => query === first)) return undefined;
  const message = `\`${field}\` holds several texts. One request ranks for one of them, so send one request for each.`;
  return failureOf('invalid_value', message, { field });
}
