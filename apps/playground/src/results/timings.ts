import type { Ranking } from '../ranking/client';

const timingParts = ['queueMs', 'tokenizationMs', 'inferenceMs', 'otherMs', 'networkMs'] as const;
type TimingPart = (typeof timingParts)[number];

export interface Timing {
  part: TimingPart;
  ms: number;
  /** Of the whole, in percent. */
  percent: number;
}

/** Where the time of a ranking went, the network included; undefined where the answer does not say. */
export function timingOf({ timings, roundTripMs }: Pick<Ranking, 'timings' | 'roundTripMs'>): Timing[] | undefined {
  if (!timings) return undefined;
  const times = { ...timings, networkMs: Math.max(0, roundTripMs - timings.totalMs) };
  const wholeMs = timingParts.reduce((sum, part) => sum + times[part], 0);
  return timingParts.map((part) => ({
    part,
    ms: times[part],
    percent: wholeMs === 0 ? 0 : (100 * times[part]) / wholeMs,
  }));
}
