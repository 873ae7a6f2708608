import { z } from 'zod';
import { errorCodes, type ErrorCode, type Failure } from './errors';
import { jobOutcomeSchema, wireVersion, type JobOutcome } from './job';

/** What every later version keeps of an outcome, so that its caller is answered at once even where the rest is not known. */
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
 * An outcome as a worker of this or another version wrote it. What this version does not know becomes the nearest that it
 * does: an unknown error code is a refusal, for now or for good; an answer that cannot be read is a failure.
 *
 * @returns undefined for a text that does not even say which request it answers
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

/** What says when to ask again is for now; what names a field is the request's fault; anything else is ours. */
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
