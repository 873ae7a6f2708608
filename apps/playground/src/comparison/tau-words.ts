export type TauWords = 'same' | 'mostly' | 'partly' | 'none' | 'reversed' | 'unknown';

/** What a value of Kendall's tau says of two orders; null: it says nothing. */
export function tauWords(tau: number | null): TauWords {
  if (tau === null) return 'unknown';
  if (tau >= 0.999) return 'same';
  if (tau >= 0.7) return 'mostly';
  if (tau >= 0.3) return 'partly';
  return tau > -0.3 ? 'none' : 'reversed';
}
