import type { RankedAnswer } from './dialect';

/** The member with the warnings, to be spread into an answer. Empty if there are none. */
export function warningsMember({ warnings = [] }: RankedAnswer): { warnings?: readonly string[] } {
  return warnings.length === 0 ? {} : { warnings };
}
