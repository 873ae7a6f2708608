import { wireVersion, type RerankRequest } from '@rerank-fleet/contract';
import type { JobPart } from '@rerank-fleet/queue';
import type { Part } from './estimate';

/** Which part of a request a job contains. */
export interface PartPosition {
  part: Part;
  index: number;
  /** The number of parts. */
  count: number;
}

/** The job of one part of a request. */
export function jobPart(
  request: RerankRequest,
  { requestId, traceparent }: { requestId: string; traceparent: string | undefined },
  { part, index, count }: PartPosition,
): JobPart {
  return {
    v: wireVersion,
    requestId,
    part: index,
    parts: count,
    query: request.query,
    ...(request.instruction !== undefined && { instruction: request.instruction }),
    documents: request.documents.slice(part.first, part.first + part.count),
    firstDocument: part.first,
    ...(request.maxTokensPerDocument !== undefined && { maxTokensPerDocument: request.maxTokensPerDocument }),
    ...(request.truncationSide === 'left' && { truncationSide: request.truncationSide }),
    ...(request.returnTokens && { returnTokens: true }),
    priority: request.priority,
    ...(traceparent !== undefined && { traceparent }),
    cost: part.cost,
  };
}
