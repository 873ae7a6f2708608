import { createGatewayLiveness } from './gateway-liveness';

/** Looks once a second, each time with the given heartbeats of one gateway (undefined = none stands in Redis). */
function look(beats: (string | undefined)[], startMs = 0) {
  const liveness = createGatewayLiveness();
  liveness.jobTaken('g', 0);
  beats.forEach((beat, second) => {
    liveness.observe(new Map(beat === undefined ? [] : [['g', beat]]), startMs + second * 1_000);
  });
  return liveness;
}

const same = (count: number) => Array.from({ length: count }, () => '7');

describe('a gateway', () => {
  it('is gone once its heartbeat stood still for 5 s of answered looks', () => {
    expect(look(same(5)).isDead('g')).toBe(false);
    expect(look(same(7)).isDead('g')).toBe(true);
  });

  it('is gone when it never beats, counted from the first job that names it', () => {
    expect(look([undefined, undefined, undefined]).isDead('g')).toBe(false);
    expect(look(Array.from({ length: 7 }, () => undefined)).isDead('g')).toBe(true);
  });

  it('is alive as long as its heartbeat changes, and again when it changes after a silence', () => {
    expect(look(['1', '2', '3', '4', '5', '6', '7', '8']).isDead('g')).toBe(false);
    expect(look([...same(9), '8']).isDead('g')).toBe(false);
  });

  it('is not judged by a time in which Redis did not answer', () => {
    const liveness = look(same(2));
    liveness.observe(new Map([['g', '7']]), 60_000);
    expect(liveness.isDead('g')).toBe(false);
  });

  it('is alive again with a job that it queued after the heartbeat that stood still, and not with an older one', () => {
    const liveness = look(same(9));
    liveness.jobTaken('g', 7);
    expect(liveness.isDead('g')).toBe(true);
    liveness.jobTaken('g', 8);
    expect(liveness.isDead('g')).toBe(false);
  });

  it('is not known to be gone before any look', () => {
    expect(createGatewayLiveness().isDead('g')).toBe(false);
  });
});
