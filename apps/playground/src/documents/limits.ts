import type { GatewayLimits } from '../ranking/models';
import { rankPayload, type RankRequest } from '../ranking/request';

/** A reason for which the gateway would refuse a request. */
export type LimitFinding =
  | { code: 'too_many_documents'; count: number; limit: number }
  | { code: 'document_too_long'; index: number; characters: number; limit: number }
  | { code: 'query_too_long' | 'instruction_too_long'; characters: number; limit: number }
  | { code: 'body_too_large'; sizeBytes: number; limitBytes: number }
  | { code: 'no_documents' }
  | { code: 'no_query' };

/** Size in bytes (UTF-8) of the body that the page would post. */
export function payloadBytes(request: RankRequest): number {
  return new TextEncoder().encode(rankPayload(request)).length;
}

/** Checks a request against a model's limits before it is sent. Returns an empty list if it may be sent. */
export function checkLimits(request: RankRequest, limits: GatewayLimits): LimitFinding[] {
  const { query, instruction, documents } = request;
  const { maxDocuments, maxTextCharacters: limit, maxBodyBytes: limitBytes } = limits;
  const findings: LimitFinding[] = [];
  if (query.trim() === '') findings.push({ code: 'no_query' });
  if (documents.length === 0) findings.push({ code: 'no_documents' });
  if (documents.length > maxDocuments) {
    findings.push({ code: 'too_many_documents', count: documents.length, limit: maxDocuments });
  }
  if (query.length > limit) findings.push({ code: 'query_too_long', characters: query.length, limit });
  if (instruction.length > limit) {
    findings.push({ code: 'instruction_too_long', characters: instruction.length, limit });
  }
  documents.forEach(({ length: characters }, index) => {
    if (characters > limit) findings.push({ code: 'document_too_long', index, characters, limit });
  });
  const sizeBytes = payloadBytes(request);
  if (sizeBytes > limitBytes) findings.push({ code: 'body_too_large', sizeBytes, limitBytes });
  return findings;
}
