/** What bull-board reads of a job to show it. */
interface ShownJob {
  toJSON(): object;
}

/** Reasons that BullMQ itself gives for a failed job; any other could quote what a user sent. */
const ownReasons = [/^job stalled more than allowable limit$/, /^job started more than allowable limit$/];

/** Facts of a job's data that hold nothing of a user's text. */
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

/** The same job, but all of it that could hold a user's words is left out: only sizes are left of it. */
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
  // everything else of the job, such as removing it, stays as it is
  return Object.assign(Object.create(job) as J, redacted, { toJSON: () => ({ ...shown, ...redacted }) });
}

/** Sizes of a rerank job's texts, and its plain facts; of anything else only that it is hidden. */
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

/** Numbers, and the ids that gateways give: UUIDs have no room for words. */
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
