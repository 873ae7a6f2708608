import fc from 'fast-check';
import { createInFlight } from './in-flight';

const cost = fc.record({ tokens: fc.nat(1_000), bytes: fc.nat(1_000) });
const requests = fc.array(
  fc.record({ queue: fc.constantFrom('a', 'b'), parts: fc.array(cost, { minLength: 1, maxLength: 5 }) }),
  {
    maxLength: 10,
  },
);

const twoParts = [
  { tokens: 3, bytes: 4 },
  { tokens: 5, bytes: 6 },
];

describe('what a gateway has in flight', () => {
  it('is the sum of the parts that are not settled, whatever is settled, in any order and however often', () => {
    fc.assert(
      fc.property(requests, fc.array(fc.tuple(fc.nat(12), fc.nat(6))), (sent, settled) => {
        const inFlight = createInFlight();
        sent.forEach(({ queue, parts }, i) => inFlight.reserve(`r${i}`, { queue, parts, now: 0 }));
        for (const [request, part] of settled) inFlight.settlePart(`r${request}`, part);
        const settledIds = new Set(settled.map(([request, part]) => `${request}-${part}`));
        const open = sent.flatMap(({ queue, parts }, i) =>
          parts.flatMap((part, j) => (settledIds.has(`${i}-${j}`) ? [] : [{ queue, ...part }])),
        );
        expect(inFlight.totals().bytes).toBe(open.reduce((sum, part) => sum + part.bytes, 0));
        for (const queue of ['a', 'b']) {
          const tokens = open.filter((part) => part.queue === queue).reduce((sum, part) => sum + part.tokens, 0);
          expect(inFlight.totals().tokens.get(queue) ?? 0).toBe(tokens);
        }
      }),
    );
  });

  it('drops a request that never reached the queue', () => {
    const inFlight = createInFlight();
    inFlight.reserve('r', { queue: 'a', parts: twoParts, now: 0 });
    inFlight.release('r');
    expect(inFlight.totals()).toEqual({ bytes: 0, tokens: new Map([['a', 0]]) });
  });

  it('returns once what was settled since it was last asked', () => {
    const inFlight = createInFlight();
    inFlight.reserve('r', { queue: 'a', parts: twoParts.slice(0, 1), now: 0 });
    expect(inFlight.admissionSent('a')).toEqual({ tokens: 0, bytes: 0 });
    inFlight.settlePart('r', 0);
    expect(inFlight.admissionSent('a')).toEqual({ tokens: 3, bytes: 4 });
    expect(inFlight.admissionSent('a')).toEqual({ tokens: 0, bytes: 0 });
  });

  it('keeps the share of an abandoned request until the queue is rid of it, and names the parts that are old', () => {
    const inFlight = createInFlight();
    inFlight.reserve('r', { queue: 'a', parts: twoParts, now: 0 });
    inFlight.abandon('r', 1_000);
    inFlight.settlePart('r', 0);
    expect(inFlight.totals().tokens.get('a')).toBe(5);
    expect(inFlight.olderParts(1_000, 1_000)).toEqual([]);
    expect(inFlight.olderParts(1_001, 1_000)).toEqual([{ requestId: 'r', queue: 'a', part: 1, abandonedAtMs: 1_000 }]);
  });
});
