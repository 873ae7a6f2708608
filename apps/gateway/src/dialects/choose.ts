import type { Failure } from '@rerank-fleet/contract';
import type { EndpointFamily } from '../endpoints';
import { refused } from '../failure';
import { cohere } from './cohere';
import type { Dialect, JsonObject } from './dialect';
import { huggingFace } from './hugging-face';
import { tei } from './tei';
import { voyage } from './voyage';

/** The dialect whose error shape an endpoint uses while the body is not known, or is nobody's. */
export function fallbackDialect(family: EndpointFamily): Dialect {
  switch (family) {
    case 'body-decides':
      return cohere;
    case 'voyage':
      return voyage;
    case 'hugging-face':
      return huggingFace;
    default:
      return family satisfies never;
  }
}

/** The dialect that a body is written in. */
export function chooseDialect(
  family: EndpointFamily,
  body: JsonObject,
): { ok: true; dialect: Dialect } | { ok: false; failure: Failure } {
  const fallback = fallbackDialect(family);
  if (family === 'voyage') return { ok: true, dialect: fallback };
  const hasTexts = isGiven(body['texts']);
  const hasDocuments = isGiven(body['documents']);
  if (hasTexts && hasDocuments) {
    return refused('invalid_type', 'Send either `documents` or `texts`, not both.', { field: 'texts' });
  }
  if (hasTexts) return { ok: true, dialect: tei };
  if (hasDocuments) return { ok: true, dialect: fallback };
  return refused('invalid_type', '`documents` (or `texts`) is missing: the list of texts to rank.', {
    field: 'documents',
  });
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
