import type { Ranking, RerankRequest } from '@rerank-fleet/contract';
import type { Span } from '@rerank-fleet/service-shell';

/** Adds the numbers of a valid request to its span. */
export function describeRequest(span: Span, { documents, topN }: RerankRequest): void {
  if (!span.isSampled) return;
  span.setAttributes({
    'openinference.span.kind': 'RERANKER',
    'reranker.top_k': topN ?? documents.length,
    'rerank.document_count': documents.length,
  });
}

/** Adds the result to the span. The model is the bundle that ranked, never the requested name. */
export function describeRanking(span: Span, { bundle, tokens, truncated }: Ranking): void {
  if (!span.isSampled) return;
  span.setAttributes({
    'reranker.model_name': bundle.name,
    'rerank.token_count': tokens.query + tokens.documents,
    'rerank.truncated_document_count': truncated.length,
  });
}
