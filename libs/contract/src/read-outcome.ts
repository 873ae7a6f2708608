import { z } from 'zod';
import { errorCodes, type ErrorCode, type Failure } from './errors';
import { jobOutcomeSchema, wireVersion, type JobOutcome } from './job';

/** The members that every later version keeps, so that the caller is answered even if the rest cannot be read. */
const outcomeEnvelopeSchema = z.object({
  requestId: z.string(),
  part: z.number().int().nonnegative(),
  failure: z
    .object({
      code: z.string(),
      message: z.string().catch('The worker refused the request.'),
      field: z.string().optional().catch(undefined),
      limit: z.number().optional().catch(undefined),
      retryAfterS: z.number().int().positive().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

type WireFailure = NonNullable<z.infer<typeof outcomeEnvelopeSchema>['failure']>;

const unreadable: Failure = {
  code: 'unsupported_job_version',
  message: 'A worker of another version gave an answer that this gateway cannot read.',
};

/**
 * Parses an outcome of a worker of this or another version. Unknown content is mapped to the nearest known: an unknown
 * error code becomes a temporary or permanent refusal, and an unreadable answer becomes a failure.
 *
 * @returns undefined for a text that does not name its request
 */
export function readOutcome(text: string): JobOutcome | undefined {
  const value = parseJson(text);
  const parsed = jobOutcomeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const envelope = outcomeEnvelopeSchema.safeParse(value);
  if (!envelope.success) return undefined;
  const { requestId, part, failure } = envelope.data;
  return { v: wireVersion, requestId, part, ok: false, failure: failure ? nearestFailure(failure) : unreadable };
}

function nearestFailure({ code, message, field, limit, retryAfterS }: WireFailure): Failure {
  return {
    code: errorCodes.find((known) => known === code) ?? nearestCode({ field, retryAfterS }),
    message,
    ...(field !== undefined && { field }),
    ...(limit !== undefined && { limit }),
    ...(retryAfterS !== undefined && { retryAfterS }),
  };
}

/** With a retry time: temporary. With a field: an invalid request. Otherwise: an internal error. */
function nearestCode({ field, retryAfterS }: Pick<WireFailure, 'field' | 'retryAfterS'>): ErrorCode {
  if (retryAfterS !== undefined) return 'interrupted';
  return field === undefined ? 'internal' : 'invalid_value';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
