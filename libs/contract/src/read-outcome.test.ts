import { errorCodes } from './errors';
import { readOutcome } from './read-outcome';

const ids = { requestId: 'r', part: 3 };
const answer = {
  v: 1,
  ...ids,
  ok: true,
  logits: [1.5],
  tokens: { query: 1, documents: 2 },
  truncated: [],
  timings: { queueMs: 1, tokenizationMs: 2, inferenceMs: 3 },
};
const failure = (members: object) => ({ v: 1, ...ids, ok: false, failure: { message: 'm', ...members } });
const read = (value: unknown) => readOutcome(JSON.stringify(value));

describe('an outcome of this version', () => {
  it('is read as it is', () => {
    expect(read(answer)).toEqual(answer);
    for (const code of errorCodes) expect(read(failure({ code }))).toEqual(failure({ code }));
  });
});

describe('an outcome of another version', () => {
  it.each([
    ['members that are not known', { ...answer, extra: 1, timings: { ...answer.timings, gpuMs: 4 } }, answer],
    ['a failure with such a member', failure({ code: 'internal', hint: 'x' }), failure({ code: 'internal' })],
  ])('is read without %s', (_name, sent, expected) => {
    expect(read(sent)).toEqual(expected);
  });

  it.each([
    ['a time to ask again as a refusal for now', { retryAfterS: 4 }, { code: 'interrupted', retryAfterS: 4 }],
    [
      'a field as a fault of the request',
      { field: 'query', limit: 9 },
      { code: 'invalid_value', field: 'query', limit: 9 },
    ],
    ['neither as an internal error', {}, { code: 'internal' }],
  ])('takes an unknown code with %s', (_name, members, expected) => {
    expect(read(failure({ code: 'of_tomorrow', ...members }))).toEqual(failure(expected));
    expect(read({ ...failure({ code: 'of_tomorrow', ...members }), v: 2 })).toEqual(failure(expected));
  });

  it('leaves out a member of a failure that has another type by now', () => {
    const odd = { code: 'queue_full', retryAfterS: 'soon', limit: [1], field: 2 };
    expect(read(failure(odd))).toEqual(failure({ code: 'queue_full' }));
  });

  it.each([
    ['of another wire version', { ...answer, v: 2 }],
    ['whose logits are objects', { ...answer, logits: [{ value: 1 }] }],
    ['without a verdict', { v: 2, ...ids }],
    ['with a failure that is no object', { v: 2, ...ids, ok: false, failure: 'no' }],
  ])('%s is a failure of its request, at once', (_name, sent) => {
    expect(read(sent)).toMatchObject({ ...ids, ok: false, failure: { code: 'unsupported_job_version' } });
  });

  it.each(['', 'no JSON', '[]', 'null', '{"requestId":1,"part":0}', '{"requestId":"r","part":-1}'])(
    'is nothing when it does not say what it answers: %s',
    (text) => {
      expect(readOutcome(text)).toBeUndefined();
    },
  );
});
