import type { RedisTrouble } from '@rerank-fleet/contract';
import { submission } from '../testing/sides';
import { createInFlight } from './in-flight';
import type { Admission } from './scripts';
import { createSubmit, type JobToAdd, type SubmitOptions } from './submit';

const admitted: Admission = { admitted: true, nowMs: 1_000, inFlight: { tokens: 0, bytes: 0 } };
const forever = <T>() => new Promise<T>(() => undefined);

function setup(changes: Partial<SubmitOptions> = {}) {
  const added: { queue: string; jobs: readonly JobToAdd[] }[] = [];
  const inFlight = createInFlight();
  const reported = { givenUp: [] as string[], errors: [] as string[], failures: [] as (Error | undefined)[] };
  let trouble: RedisTrouble | undefined;
  const submit = createSubmit({
    gatewayId: 'g1',
    admit: async () => admitted,
    async addJobs(queue, jobs) {
      added.push({ queue, jobs });
    },
    inFlight,
    health: {
      trouble: () => trouble,
      failed: (error) => reported.failures.push(error),
    },
    onGivenUp: (id) => reported.givenUp.push(id),
    onError: ({ message }) => reported.errors.push(message),
    ...changes,
  });
  return { submit, added, inFlight, ...reported, setTrouble: (next: RedisTrouble | undefined) => (trouble = next) };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('a submission', () => {
  it('adds all parts on the clock of Redis, and counts them until they are settled', async () => {
    const { submit, added, inFlight } = setup();
    const request = submission({ parts: 2, tokens: 7 });
    expect(await submit(request)).toEqual({ ok: true });
    expect(added.map(({ queue }) => queue)).toEqual([request.queue]);
    expect(
      added[0]?.jobs.map(({ data, opts }) => [data.part, data.queuedAtMs, data.deadlineMs, opts.timestamp]),
    ).toEqual([0, 1].map((part) => [part, 1_000, 1_000 + request.waitMs, 1_000]));
    expect(added[0]?.jobs.every(({ data }) => data.gateway === 'g1' && data.estimatedTokens === 7)).toBe(true);
    expect(inFlight.totals().tokens.get(request.queue)).toBe(14);
  });

  it('asks for the whole request at once, and for what was settled since', async () => {
    const admit = jest.fn(async () => admitted);
    const { submit, inFlight } = setup({ admit });
    const first = submission({ parts: 2, tokens: 7 });
    await submit(first);
    inFlight.settlePart(first.requestId, 1);
    const second = submission({ tokens: 3 });
    await submit(second);
    const bytes = first.parts[1]?.cost.bytes ?? 0;
    expect(admit.mock.calls).toMatchObject([
      [{ cost: { tokens: 14, bytes: 2 * bytes }, released: { tokens: 0, bytes: 0 } }],
      [{ cost: { tokens: 3, bytes }, released: { tokens: 7, bytes } }],
    ]);
  });

  it('that does not fit adds nothing and counts nothing', async () => {
    const full = { admitted: false, nowMs: 1_000, inFlight: { tokens: 9, bytes: 8 } };
    const { submit, added, inFlight, givenUp } = setup({ admit: async () => full });
    expect(await submit(submission())).toEqual({ ok: false, reason: 'queue_full', inFlight: { tokens: 9, bytes: 8 } });
    expect([added, givenUp, inFlight.totals().bytes]).toEqual([[], [], 0]);
  });

  it('asks Redis nothing while it is known to be away', async () => {
    const { submit, setTrouble, added, givenUp, errors } = setup();
    setTrouble('READONLY');
    expect(await submit(submission())).toEqual({ ok: false, reason: 'redis_away' });
    expect([added, givenUp, errors]).toEqual([[], [], []]);
  });

  it.each([
    ['an admission', { admit: () => Promise.reject(new Error('refused')) }],
    ['an add', { addJobs: () => Promise.reject(new Error('refused')) }],
  ])('is given up when %s fails, and its share is free', async (_what, changes: Partial<SubmitOptions>) => {
    const { submit, inFlight, givenUp, errors, failures } = setup(changes);
    const request = submission();
    expect(await submit(request)).toEqual({ ok: false, reason: 'redis_away' });
    expect([givenUp, errors, failures]).toEqual([[request.requestId], ['refused'], [new Error('refused')]]);
    expect([inFlight.totals().bytes, inFlight.takeTotals()]).toMatchObject([0, { bytes: 0 }]);
  });

  it.each([
    ['an admission', { admit: () => forever<Admission>() }],
    ['an add', { addJobs: () => forever<void>() }],
  ])('is given up within 500 ms when %s has no answer', async (_what, changes: Partial<SubmitOptions>) => {
    const { submit, inFlight, givenUp, errors, failures } = setup(changes);
    const request = submission();
    const result = submit(request);
    await jest.advanceTimersByTimeAsync(500);
    expect(await result).toEqual({ ok: false, reason: 'redis_away' });
    expect([givenUp, errors.length, failures]).toEqual([[request.requestId], 1, [undefined]]);
    expect([inFlight.totals().bytes, jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('adds nothing when its admission comes after the caller was answered', async () => {
    let answer = (_admission: Admission): void => undefined;
    const { submit, added, inFlight } = setup({ admit: () => new Promise((resolve) => (answer = resolve)) });
    const result = submit(submission());
    await jest.advanceTimersByTimeAsync(500);
    await result;
    answer(admitted);
    await jest.advanceTimersByTimeAsync(0);
    expect([added, inFlight.totals().bytes]).toEqual([[], 0]);
  });
});
