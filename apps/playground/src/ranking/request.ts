/** What the page asks to be ranked. */
export interface RankRequest {
  /** As `GET /v1/models` names it; '' for the default model. */
  model: string;
  query: string;
  documents: readonly string[];
  /** '' for none. */
  instruction: string;
}

/** The request as the documents dialect spells it; what is empty is left out. */
export interface RerankBody {
  model?: string;
  query: string;
  documents: readonly string[];
  instruction?: string;
}

/** The members that a client would send for this request. */
export function rerankBody({ model, query, documents, instruction }: RankRequest): RerankBody {
  return {
    ...(model !== '' && { model }),
    query,
    documents,
    ...(instruction !== '' && { instruction }),
  };
}

/** The exact text that the page posts: the same, and the tokens of each document are asked for. */
export function rankPayload(request: RankRequest): string {
  return JSON.stringify({ ...rerankBody(request), return_tokens: true });
}
