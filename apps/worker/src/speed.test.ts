import { createSpeedMeter } from './speed';

describe('the speed meter', () => {
  it('knows nothing before the first batch and text', () => {
    const speed = createSpeedMeter(2);
    expect([speed.tokensPerSecond(), speed.tokensPerByte()]).toEqual([undefined, undefined]);
  });

  it('gives the speed of all sessions together, and follows a change slowly', () => {
    const speed = createSpeedMeter(2);
    speed.batchRun(500, 100);
    expect(speed.tokensPerSecond()).toBe(10_000);
    speed.batchRun(500, 50);
    expect(speed.tokensPerSecond()).toBe(10_500);
    for (let i = 0; i < 200; i++) speed.batchRun(500, 50);
    expect(speed.tokensPerSecond()).toBeGreaterThan(19_900);
  });

  it('is not moved by a batch of no duration', () => {
    const speed = createSpeedMeter(1);
    speed.batchRun(100, 0);
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
