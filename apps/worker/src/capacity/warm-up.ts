import type { Threads } from '../threads/threads';
import type { SpeedMeter } from './speed';
import { findTokenBudget, type FoundBudget } from './token-budget';
import { createTrialCalls, type CallLimits } from './trial-calls';

export interface WarmUpOptions extends CallLimits {
  /** The bundle's token budget. */
  tokenBudget: number;
  /** TOKEN_BUDGET, if it is set: it is taken as it is, if its calls fit into memory. */
  fixedBudget: number | undefined;
  /** Memory that calls may still take; undefined if unknown. */
  spareBytes(): Promise<number | undefined>;
  /** Current time, ms. */
  now(): number;
}

/** About the time of four calls of a slow model. Others need a second or two. */
const searchLimitMs = 6_000;
/** As long as a whole job (CapacityConfig of the gateway), so that a more urgent one never waits for several. */
const callLimitMs = 500;

/**
 * Runs calls on all sessions at once, as under load, and finds the token budget. Afterwards code and memory are warm,
 * and the speed is known. Rejects if the model fails or returns a value that is not a number.
 */
export async function warmUp(threads: Threads, options: WarmUpOptions, speed: SpeedMeter): Promise<FoundBudget> {
  const { maxRows, maxLengthTokens, fixedBudget, spareBytes, now } = options;
  const calls = await createTrialCalls(threads, options, speed);
  const start = fixedBudget ?? options.tokenBudget;
  // one row at a time has no other size
  const hasChoice = fixedBudget === undefined && maxRows > 1;
  const found = await findTokenBudget({
    start,
    smallest: hasChoice ? calls.rowTokens : start,
    largest: hasChoice ? maxRows * maxLengthTokens : start,
    limitMs: searchLimitMs,
    callLimitMs,
    time: calls.time,
    spareBytes,
    now,
  });
  if (found.msPerCell > 0) speed.begin(1_000 / found.msPerCell);
  return found.tokens === fixedBudget ? { ...found, origin: 'TOKEN_BUDGET' } : found;
}
