import fc from 'fast-check';
import {
  errorCodes,
  failureSchema,
  jobOutcomeLabel,
  jobOutcomeSchema,
  rerankJobSchema,
  sigmoid,
  type JobOutcome,
} from './index';

const job = {
  v: 1,
  requestId: 'r',
  part: 0,
  parts: 1,
  gateway: 'g',
  query: 'q',
  documents: ['d'],
  firstDocument: 0,
  priority: 0,
  estimatedTokens: 3,
  queuedAtMs: 1,
  deadlineMs: 2,
};
const answer = {
  v: 1,
  requestId: 'r',
  part: 0,
  ok: true,
  logits: [1.5],
  tokens: { query: 1, documents: 2 },
  truncated: [{ index: 0, tokens: 9, keptTokens: 2, keptCharacters: 4 }],
  timings: { queueMs: 1, tokenizationMs: 2, inferenceMs: 3 },
};
const refused = (code: string) => ({ v: 1, requestId: 'r', part: 0, ok: false, failure: { code, message: 'm' } });

describe('the wire, version 1', () => {
  it('takes a job with nothing optional, and with everything', () => {
    expect(rerankJobSchema.parse(job)).toEqual(job);
    const options = { maxTokensPerDocument: 5, truncationSide: 'left', returnTokens: true };
    const full = { ...job, ...options, instruction: 'i', traceparent: 't' };
    expect(rerankJobSchema.parse(full)).toEqual(full);
  });

  it.each([
    ['another version', { ...job, v: 2 }],
    ['no documents', { ...job, documents: [] }],
    ['no deadline', { ...job, deadlineMs: undefined }],
    ['a document that is no text', { ...job, documents: [1] }],
  ])('refuses a job with %s', (_name, broken) => {
    expect(rerankJobSchema.safeParse(broken).success).toBe(false);
  });

  it('takes an answer and a failure as they are, and no logit that is not finite', () => {
    expect(jobOutcomeSchema.parse(answer)).toEqual(answer);
    const fromTheLeft = [{ index: 0, tokens: 9, keptTokens: 2, keptCharacters: 4, side: 'left' }];
    const counted = { ...answer, documentTokens: [2], truncated: fromTheLeft };
    expect(jobOutcomeSchema.parse(counted)).toEqual(counted);
    expect(jobOutcomeSchema.parse(refused('internal'))).toEqual(refused('internal'));
    expect(jobOutcomeSchema.safeParse({ ...answer, logits: [Number.NaN] }).success).toBe(false);
    expect(jobOutcomeSchema.safeParse({ ...answer, logits: [null] }).success).toBe(false);
  });

  it('refuses a failure whose code is not one of the closed set', () => {
    expect(failureSchema.safeParse({ code: 'surprise', message: 'm' }).success).toBe(false);
  });
});

describe('how a settled job is counted', () => {
  it('counts an expected refusal as completed, and only internal errors as failed', () => {
    const labels = new Map(
      errorCodes.map((code) => [code, jobOutcomeLabel(jobOutcomeSchema.parse(refused(code)) as JobOutcome)]),
    );
    expect(jobOutcomeLabel(answer as JobOutcome)).toBe('completed');
    expect(labels.get('query_too_long')).toBe('completed');
    expect(labels.get('cancelled')).toBe('cancelled');
    expect(labels.get('deadline_exceeded')).toBe('expired');
    const failed = errorCodes.filter((code) => labels.get(code) === 'failed');
    expect(failed).toEqual(['interrupted', 'unsupported_job_version', 'invalid_score', 'internal']);
  });
});

describe('sigmoid', () => {
  it('stays within [0, 1], rises with its argument and mirrors at 0, for any logit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const [low, high] = a <= b ? [a, b] : [b, a];
        expect(sigmoid(low)).toBeGreaterThanOrEqual(0);
        expect(sigmoid(high)).toBeLessThanOrEqual(1);
        expect(sigmoid(low)).toBeLessThanOrEqual(sigmoid(high));
        expect(sigmoid(a) + sigmoid(-a)).toBeCloseTo(1, 12);
      }),
    );
  });
});
