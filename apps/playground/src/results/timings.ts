import type { Ranking } from '../ranking/client';

const timingParts = ['queueMs', 'tokenizationMs', 'inferenceMs', 'otherMs', 'networkMs'] as const;
type TimingPart = (typeof timingParts)[number];

export interface Timing {
  part: TimingPart;
  ms: number;
  /** Share of the total time, in percent. */
  percent: number;
}

/** The steps of a ranking with their times, including the network; undefined if the answer has no timings. */
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
