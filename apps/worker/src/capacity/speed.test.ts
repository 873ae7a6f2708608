import { createSpeedMeter } from './speed';

/** A worker on a clock of its own: some of its sessions run batches of 500 tokens, one after the other. */
function machine(sessions: number, busySessions = sessions, encoders = 1) {
  let nowMs = 1_000_000;
  const speed = createSpeedMeter({ sessions, encoders, now: () => nowMs });
  return {
    speed,
    idle(forMs: number) {
      nowMs += forMs;
    },
    /** Until this much time has passed; sessions start at different times. */
    work(forMs: number, batchMs: number) {
      const endMs = nowMs + forMs;
      for (; nowMs < endMs; nowMs += batchMs / busySessions) speed.batchRun(500, batchMs);
    },
    /** All encoders are busy with slices of 500 tokens for so long; they start at different times. */
    encode(forMs: number, sliceMs: number) {
      for (let left = forMs; left > 0; left -= sliceMs / encoders) {
        nowMs += sliceMs / encoders;
        speed.sliceEncoded(500, sliceMs);
      }
    },
  };
}

const within20Percent = (wanted: number, found: number | undefined) => {
  expect(found).toBeGreaterThan(wanted * 0.8);
  expect(found).toBeLessThan(wanted * 1.2);
};

describe('the speed meter', () => {
  it('knows nothing before the first batch and text', () => {
    const { speed } = machine(2);
    expect([speed.tokensPerSecond(), speed.tokensPerByte()]).toEqual([undefined, undefined]);
  });

  it('begins with what the warm-up measured, times the sessions', () => {
    const { speed, idle } = machine(3);
    speed.begin(1_500);
    idle(60_000);
    expect(speed.tokensPerSecond()).toBeCloseTo(4_500);
  });

  it('gives the speed of all sessions together, also while only one of them has work', () => {
    for (const busySessions of [1, 4]) {
      const { speed, work } = machine(4, busySessions);
      work(10_000, 100);
      expect(speed.tokensPerSecond()).toBeCloseTo(20_000);
    }
  });

  describe.each([
    [1, 1],
    [2, 2],
    [8, 8],
    [8, 1],
    [64, 64],
  ])('of %d sessions, %d of them with work', (sessions, busySessions) => {
    it.each([5, 50, 200, 1_000])('follows within 10 s of work, down and up as fast, batches of %d ms', (batchMs) => {
      const { speed, work } = machine(sessions, busySessions);
      const usual = (sessions * 500 * 1_000) / batchMs;
      speed.begin(usual / sessions);
      work(30_000, batchMs);
      within20Percent(usual, speed.tokensPerSecond());
      work(10_000, 3 * batchMs);
      within20Percent(usual / 3, speed.tokensPerSecond());
      work(10_000, batchMs);
      within20Percent(usual, speed.tokensPerSecond());
    });
  });

  it('keeps its figure over bursts with long gaps, and over a gap at the end', () => {
    const { speed, work, idle } = machine(2);
    speed.begin(5_000);
    for (let burst = 0; burst < 20; burst++) {
      work(300, 100);
      idle(60_000);
      expect(speed.tokensPerSecond()).toBeCloseTo(10_000);
    }
  });

  it('does not let the first batch after a long gap count for everything before it', () => {
    const { speed, work, idle } = machine(1);
    speed.begin(5_000);
    idle(3_600_000);
    work(100, 100);
    idle(3_600_000);
    work(300, 300);
    expect(speed.tokensPerSecond()).toBeGreaterThan(4_000);
  });

  describe.each([1, 2, 3, 8])('of %d encoders', (encoders) => {
    it.each([10, 250, 2_000, 8_000])(
      'is what they let through where that is less, within 10 s, in slices of %d ms',
      (sliceMs) => {
        const perSecond = (encoders * 500_000) / sliceMs;
        const { speed, encode } = machine(2, 2, encoders);
        speed.begin(1.5 * perSecond);
        encode(10_000, sliceMs);
        within20Percent(perSecond, speed.tokensPerSecond());
      },
    );

    it('is what the sessions do where the encoders are faster, also by little', () => {
      const { speed, encode } = machine(2, 2, encoders);
      speed.begin(encoders * 5_000);
      encode(20_000, 45);
      expect(speed.tokensPerSecond()).toBeCloseTo(encoders * 10_000);
    });
  });

  it('is what the sessions do again 10 s after the encoder had too much, with other work or without any', () => {
    for (const after of ['idle', 'work'] as const) {
      const { speed, encode, idle, work } = machine(2);
      speed.begin(5_000);
      encode(60_000, 5_000);
      expect(speed.tokensPerSecond()).toBeLessThan(150);
      if (after === 'idle') idle(10_000);
      else work(10_000, 100);
      within20Percent(10_000, speed.tokensPerSecond());
    }
  });

  it('is not lowered by an encoder that is faster than the sessions, busy or not', () => {
    const { speed, encode, idle } = machine(2);
    speed.begin(5_000);
    for (let ms = 0; ms < 20_000; ms += 100) {
      encode(20, 20);
      expect(speed.tokensPerSecond()).toBeCloseTo(10_000);
      idle(ms % 500);
    }
    encode(10_000, 20);
    expect(speed.tokensPerSecond()).toBeCloseTo(10_000);
  });

  it('is not moved by a batch or a slice of no duration alone', () => {
    const { speed } = machine(1);
    speed.batchRun(100, 0);
    speed.sliceEncoded(100, 0);
    expect(speed.tokensPerSecond()).toBeUndefined();
  });

  it('gives tokens a byte over the texts of late', () => {
    const { speed } = machine(1);
    speed.encoded(1_000_000, 200_000);
    expect(speed.tokensPerByte()).toBeCloseTo(0.2);
    for (let i = 0; i < 20; i++) speed.encoded(1_000_000, 400_000);
    expect(speed.tokensPerByte()).toBeCloseTo(0.4, 3);
  });
});
