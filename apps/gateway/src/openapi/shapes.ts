import {
  cohereAnswerSchema,
  dashScopeAnswerSchema,
  dashScopeErrorSchema,
  deepInfraAnswerSchema,
  errorSchema,
  infinityAnswerSchema,
  infinityErrorSchema,
  isaacusAnswerSchema,
  mixedbreadAnswerSchema,
  nvidiaAnswerSchema,
  openRouterAnswerSchema,
  openRouterErrorSchema,
  pineconeAnswerSchema,
  pineconeErrorSchema,
  scoreAnswerSchema,
  teiAnswerSchema,
  teiErrorSchema,
  voyageAnswerSchema,
  voyageErrorSchema,
  weaviateAnswerSchema,
  weaviateErrorSchema,
  zeroEntropyAnswerSchema,
} from '../dialects/answer-schemas';
import { cohereRequestSchema } from '../dialects/cohere';
import { dashScopeRequestSchema } from '../dialects/dash-scope';
import { deepInfraRequestSchema } from '../dialects/deep-infra';
import { isaacusRequestSchema } from '../dialects/isaacus';
import { mixedbreadRequestSchema } from '../dialects/mixedbread';
import { nvidiaRequestSchema } from '../dialects/nvidia';
import { pineconeRequestSchema } from '../dialects/pinecone';
import { scoreRequestSchema } from '../dialects/score';
import { teiRequestSchema } from '../dialects/tei';
import { voyageRequestSchema } from '../dialects/voyage';
import { weaviateRequestSchema } from '../dialects/weaviate';
import { zeroEntropyRequestSchema } from '../dialects/zero-entropy';
import type { EndpointFamily } from '../dialects/families';
import { z } from '../dialects/zod';

/** The request and answer schemas of a family's endpoints. */
export interface FamilyShape {
  request: z.ZodType;
  answer: z.ZodType;
  error: z.ZodType;
  summary: string;
}

/** The schemas of every family, for the API's description. Tests validate real answers with them. */
export const familyShapes: Readonly<Record<EndpointFamily, FamilyShape>> = {
  'body-decides': {
    request: z.union([
      cohereRequestSchema,
      teiRequestSchema,
      dashScopeRequestSchema,
      nvidiaRequestSchema,
      mixedbreadRequestSchema,
      weaviateRequestSchema,
    ]),
    answer: z.union([
      cohereAnswerSchema,
      teiAnswerSchema,
      dashScopeAnswerSchema,
      nvidiaAnswerSchema,
      mixedbreadAnswerSchema,
      weaviateAnswerSchema,
    ]),
    error: z.union([errorSchema, teiErrorSchema, dashScopeErrorSchema, weaviateErrorSchema]),
    summary:
      'Rank documents; the body decides the dialect: `documents` (Cohere, Jina, vLLM, ...), `texts` (TEI), ' +
      '`input.documents` (DashScope), `input` as a list (mixedbread), `passages` (NVIDIA NIM), ' +
      '`documents` with a `property` (Weaviate).',
  },
  voyage: {
    request: voyageRequestSchema,
    answer: voyageAnswerSchema,
    error: voyageErrorSchema,
    summary: "Rank documents, for Voyage's clients.",
  },
  'hugging-face': {
    request: z.union([cohereRequestSchema, teiRequestSchema]),
    answer: teiAnswerSchema,
    error: teiErrorSchema,
    summary: "Rank documents and answer with a bare array, for Elasticsearch's `hugging_face` service.",
  },
  infinity: {
    request: cohereRequestSchema,
    answer: infinityAnswerSchema,
    error: infinityErrorSchema,
    summary: "Rank documents and return them as strings, for LiteLLM's `infinity` provider and infinity_client.",
  },
  'dash-scope': {
    request: dashScopeRequestSchema,
    answer: dashScopeAnswerSchema,
    error: dashScopeErrorSchema,
    summary: "Rank documents, for DashScope's clients.",
  },
  nvidia: {
    request: nvidiaRequestSchema,
    answer: nvidiaAnswerSchema,
    error: errorSchema,
    summary: 'Rank passages and answer with logits, for the clients of NVIDIA NIM.',
  },
  pinecone: {
    request: pineconeRequestSchema,
    answer: pineconeAnswerSchema,
    error: pineconeErrorSchema,
    summary: "Rank documents and return them as they were sent, for Pinecone's clients.",
  },
  openrouter: {
    request: cohereRequestSchema,
    answer: openRouterAnswerSchema,
    error: openRouterErrorSchema,
    summary: "Rank documents and always return them, for OpenRouter's clients.",
  },
  score: {
    request: scoreRequestSchema,
    answer: scoreAnswerSchema,
    error: errorSchema,
    summary: "Score texts against one text, in the order of the request, as vLLM's `/score` does.",
  },
  deepinfra: {
    request: deepInfraRequestSchema,
    answer: deepInfraAnswerSchema,
    error: errorSchema,
    summary: "Score documents in the order of the request, for DeepInfra's clients.",
  },
  zeroentropy: {
    request: zeroEntropyRequestSchema,
    answer: zeroEntropyAnswerSchema,
    error: errorSchema,
    summary: "Rank documents, for ZeroEntropy's clients.",
  },
  isaacus: {
    request: isaacusRequestSchema,
    answer: isaacusAnswerSchema,
    error: errorSchema,
    summary: "Rank texts, for Isaacus' clients.",
  },
};
