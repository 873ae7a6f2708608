import { someAnnouncement } from '../testing';
import { createHeartbeat, type RegistryAnswer } from './heartbeat';
import { createInFlight, type Totals } from './in-flight';

/** A heartbeat whose answers the test gives. */
function setup() {
  const sent: (Totals | undefined)[] = [];
  const digests: string[] = [];
  const answers: { resolve(answer: RegistryAnswer): void; reject(error: Error): void }[] = [];
  const inFlight = createInFlight();
  const health = { worked: jest.fn(), failed: jest.fn() };
  const listeners = { onAnswer: jest.fn(), onError: jest.fn() };
  const heartbeat = createHeartbeat({
    send(totals, knownDigest) {
      sent.push(totals);
      digests.push(knownDigest);
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
    inFlight,
    health,
    ...listeners,
  });
  const workers = [JSON.stringify(someAnnouncement('w1')), null, 'nonsense'];
  const registry = { digest: 'd1', registry: { workers, bundles: workers } };
  return { sent, digests, inFlight, health, ...listeners, heartbeat, answer: answers, registry };
}

describe('the heartbeat of a gateway', () => {
  it('is shared by those who ask for one while it is under way', async () => {
    const { heartbeat, sent, answer, registry } = setup();
    const beats = [heartbeat.beat(), heartbeat.beat()];
    answer[0]?.resolve(registry);
    await Promise.all(beats);
    await heartbeat.settled();
    expect(sent).toHaveLength(1);
    void heartbeat.beat();
    expect(sent).toHaveLength(2);
  });

  it('returns the fleet, and keeps the last one that Redis returned', async () => {
    const { heartbeat, answer, registry, health, onAnswer, onError } = setup();
    expect(heartbeat.fleet()).toEqual({ workers: [], bundles: [] });
    const first = heartbeat.beat();
    answer[0]?.resolve(registry);
    await first;
    expect(heartbeat.fleet().workers.map(({ workerId }) => workerId)).toEqual(['w1']);
    const second = heartbeat.beat();
    const error = new Error('READONLY');
    answer[1]?.reject(error);
    await second;
    expect(heartbeat.fleet().workers).toHaveLength(1);
    expect([health.worked.mock.calls, health.failed.mock.calls]).toEqual([[[]], [[error]]]);
    expect([onAnswer.mock.calls.length, onError.mock.calls]).toEqual([1, [[error]]]);
  });

  it('keeps the fleet while the registry has the digest of its last answer', async () => {
    const { heartbeat, digests, answer, registry } = setup();
    const answers = [
      registry,
      { digest: 'd1', registry: undefined },
      { digest: 'd2', registry: { workers: [], bundles: [] } },
      { digest: 'd2', registry: undefined },
    ];
    const fleets = [];
    for (const [index, next] of answers.entries()) {
      const beat = heartbeat.beat();
      answer[index]?.resolve(next);
      await beat;
      fleets.push(heartbeat.fleet());
    }
    expect(digests).toEqual(['', 'd1', 'd1', 'd2']);
    expect(fleets[1]).toBe(fleets[0]);
    expect(fleets.map(({ workers }) => workers.length)).toEqual([1, 1, 0, 0]);
  });

  it('sends no totals while an admission is unanswered, because they could not include it', async () => {
    const { heartbeat, inFlight, sent, answer, registry } = setup();
    inFlight.reserve('r', { queue: 'a', parts: [{ tokens: 3, bytes: 4 }], now: 0 });
    inFlight.admissionSent('a');
    const first = heartbeat.beat();
    answer[0]?.resolve(registry);
    await first;
    inFlight.admissionAnswered();
    void heartbeat.beat();
    expect(sent).toEqual([undefined, { bytes: 4, tokens: new Map([['a', 3]]) }]);
  });

  it('sends 0 for a queue on which all is settled until Redis has stored it', async () => {
    const { heartbeat, inFlight, sent, answer, registry } = setup();
    inFlight.reserve('r', { queue: 'a', parts: [{ tokens: 3, bytes: 4 }], now: 0 });
    inFlight.settlePart('r', 0);
    for (const outcome of ['reject', 'resolve', 'resolve'] as const) {
      const beat = heartbeat.beat();
      if (outcome === 'resolve') answer.at(-1)?.resolve(registry);
      else answer.at(-1)?.reject(new Error('away'));
      await beat;
    }
    expect(sent.map((totals) => [...(totals?.tokens ?? [])])).toEqual([[['a', 0]], [['a', 0]], []]);
  });
});
