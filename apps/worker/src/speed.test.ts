import { createSpeedMeter, type SpeedMeter } from './speed';

/** A machine on a clock of its own: some of the sessions run batches of 500 tokens, one after the other. */
function machine(speed: SpeedMeter, busySessions: number) {
  let nowMs = 1_000_000;
  return {
    idle(forMs: number) {
      nowMs += forMs;
    },
    /** Until this much time has passed; sessions start at different times. */
    work(forMs: number, batchMs: number) {
      const endMs = nowMs + forMs;
      for (; nowMs < endMs; nowMs += batchMs / busySessions) speed.batchRun(500, nowMs - batchMs, nowMs);
    },
  };
}

const within20Percent = (wanted: number, found: number | undefined) => {
  expect(found).toBeGreaterThan(wanted * 0.8);
  expect(found).toBeLessThan(wanted * 1.2);
};

describe('the speed meter', () => {
  it('knows nothing before the first batch and text', () => {
    const speed = createSpeedMeter(2);
    expect([speed.tokensPerSecond(), speed.tokensPerByte()]).toEqual([undefined, undefined]);
  });

  it('begins with what the warm-up measured, times the sessions', () => {
    const speed = createSpeedMeter(3);
    speed.begin(1_500);
    expect(speed.tokensPerSecond()).toBeCloseTo(4_500);
  });

  it('gives the speed of all sessions together, also while only one of them has work', () => {
    for (const busySessions of [1, 4]) {
      const speed = createSpeedMeter(4);
      machine(speed, busySessions).work(10_000, 100);
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
      const speed = createSpeedMeter(sessions);
      const usual = (sessions * 500 * 1_000) / batchMs;
      speed.begin(usual / sessions);
      const { work } = machine(speed, busySessions);
      work(30_000, batchMs);
      within20Percent(usual, speed.tokensPerSecond());
      work(10_000, 3 * batchMs);
      within20Percent(usual / 3, speed.tokensPerSecond());
      work(10_000, batchMs);
      within20Percent(usual, speed.tokensPerSecond());
    });
  });

  it('keeps its figure over bursts with long gaps, and over a gap at the end', () => {
    const speed = createSpeedMeter(2);
    speed.begin(5_000);
    const { work, idle } = machine(speed, 2);
    for (let burst = 0; burst < 20; burst++) {
      work(300, 100);
      idle(60_000);
      expect(speed.tokensPerSecond()).toBeCloseTo(10_000);
    }
  });

  it('does not let the first batch after a long gap count for everything before it', () => {
    const speed = createSpeedMeter(1);
    speed.begin(5_000);
    const { work, idle } = machine(speed, 1);
    idle(3_600_000);
    work(100, 100);
    idle(3_600_000);
    work(300, 300);
    expect(speed.tokensPerSecond()).toBeGreaterThan(4_000);
  });

  it('is the speed of the encoder where that cannot keep the sessions busy, and no longer than that', () => {
    const speed = createSpeedMeter(2);
    speed.begin(5_000);
    for (let ms = 0; ms < 10_000; ms += 500) speed.jobEncoded(2_000, 500);
    within20Percent(4_000, speed.tokensPerSecond());
    for (let ms = 0; ms < 200; ms += 2) speed.jobEncoded(400, 2);
    expect(speed.tokensPerSecond()).toBeCloseTo(10_000);
  });

  it('is not moved by a batch or a job of no duration alone', () => {
    const speed = createSpeedMeter(1);
    speed.batchRun(100, 5, 5);
    speed.jobEncoded(100, 0);
    expect(speed.tokensPerSecond()).toBeUndefined();
  });

  it('gives tokens a byte over the texts of late', () => {
    const speed = createSpeedMeter(1);
    speed.encoded(1_000_000, 200_000);
    expect(speed.tokensPerByte()).toBeCloseTo(0.2);
    for (let i = 0; i < 20; i++) speed.encoded(1_000_000, 400_000);
    expect(speed.tokensPerByte()).toBeCloseTo(0.4, 3);
  });
});
