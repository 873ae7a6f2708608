export type TauWords = 'same' | 'mostly' | 'partly' | 'none' | 'reversed' | 'unknown';

/** The agreement of two orders in words, by Kendall's tau; null: not defined. */
export function tauWords(tau: number | null): TauWords {
  if (tau === null) return 'unknown';
  if (tau >= 0.999) return 'same';
  if (tau >= 0.7) return 'mostly';
  if (tau >= 0.3) return 'partly';
  return tau > -0.3 ? 'none' : 'reversed';
}
