import type { AlertCases } from './case';
import { causes } from './causes';
import { devices } from './gpu';
import { quality } from './quality';
import { burns, thresholds } from './slo';

export type { AlertCase, AlertCases, ExpectedAlert } from './case';

/** Cases of every alert except Watchdog, which always fires. */
export const alertCases: Readonly<Record<string, AlertCases>> = {
  ...burns,
  ...thresholds,
  ...devices,
  ...quality,
  ...causes,
};
