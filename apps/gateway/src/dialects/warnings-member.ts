import type { RankedAnswer } from './dialect';

/** The member that tells the warnings, to be spread into an answer: absent when there are none. */
export function warningsMember({ warnings = [] }: RankedAnswer): { warnings?: readonly string[] } {
  return warnings.length === 0 ? {} : { warnings };
}
