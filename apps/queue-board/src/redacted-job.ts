/** The member of a job that bull-board displays. */
interface ShownJob {
  toJSON(): object;
}

/** Failure reasons of BullMQ itself. Any other reason could quote a user's text. */
const ownReasons = [/^job stalled more than allowable limit$/, /^job started more than allowable limit$/];

/** Members of a job's data that contain no user text. */
const plainFields = [
  'v',
  'requestId',
  'part',
  'parts',
  'firstDocument',
  'priority',
  'gateway',
  'queuedAtMs',
  'deadlineMs',
  'estimatedTokens',
] as const;

/** A copy of the job in which every value that could contain user text is removed or replaced by its size. */
export function redactedJob<J extends ShownJob>(job: J): J {
  const shown: Record<string, unknown> = { ...job.toJSON() };
  const redacted = {
    data: describeData(shown['data']),
    progress: typeof shown['progress'] === 'number' ? shown['progress'] : 0,
    returnvalue: null,
    failedReason: describeReason(shown['failedReason']),
    deferredFailure: describeReason(shown['deferredFailure']),
    stacktrace: [],
  };
  // Everything else of the job, such as removing it, works as before.
  return Object.assign(Object.create(job) as J, redacted, { toJSON: () => ({ ...shown, ...redacted }) });
}

/** The sizes of a rerank job's texts and its plain members; `hidden` for any other data. */
function describeData(data: unknown): object {
  if (typeof data !== 'object' || data === null) return { hidden: true };
  const job = data as Record<string, unknown>;
  const documents = Array.isArray(job['documents']) ? job['documents'] : [];
  return {
    ...Object.fromEntries(plainFields.flatMap((field) => (isPlain(job[field]) ? [[field, job[field]]] : []))),
    queryCharacters: lengthOf(job['query']),
    instructionCharacters: lengthOf(job['instruction']),
    documents: documents.length,
    documentCharacters: documents.reduce<number>((sum, document) => sum + lengthOf(document), 0),
  };
}

/** Whether a value is a number or a UUID, as gateways use for ids. These cannot contain user text. */
function isPlain(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value));
}

function lengthOf(text: unknown): number {
  return typeof text === 'string' ? text.length : 0;
}

function describeReason(reason: unknown): string | undefined {
  if (typeof reason !== 'string' || reason === '') return undefined;
  return ownReasons.some((own) => own.test(reason)) ? reason : `hidden (${reason.length} characters)`;
}
