/** A rerank request of the page. */
export interface RankRequest {
  /** A name from `GET /v1/models`; '' for the default model. */
  model: string;
  query: string;
  documents: readonly string[];
  /** '' for none. */
  instruction: string;
}

/** The request in the `documents` dialect, without empty members. */
export interface RerankBody {
  model?: string;
  query: string;
  documents: readonly string[];
  instruction?: string;
}

/** The members that a client sends for this request. */
export function rerankBody({ model, query, documents, instruction }: RankRequest): RerankBody {
  return {
    ...(model !== '' && { model }),
    query,
    documents,
    ...(instruction !== '' && { instruction }),
  };
}

/** The exact body that the page posts. It also requests the tokens of each document. */
export function rankPayload(request: RankRequest): string {
  return JSON.stringify({ ...rerankBody(request), return_tokens: true });
}
