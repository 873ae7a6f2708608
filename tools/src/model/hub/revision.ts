import type { Wanted } from './failure';
import type { HubOptions } from './request';

/** A revision that more is asked about. */
export interface Revision {
  wanted: Wanted;
  /** A commit, or the revision where the hub does not tell. */
  commit: string;
  options: HubOptions;
}
