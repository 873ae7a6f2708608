import type { CallFailure } from '../ranking/failure';
import type { Ranking } from '../ranking/client';
import type { RankRequest } from '../ranking/request';
import type { Side } from '../draft/draft';

/** One request and its ranking. */
export interface Ranked {
  request: RankRequest;
  ranking: Ranking;
}

/** What a run gave: one ranking, or two of the same documents. */
export type Outcome = { mode: 'rank'; ranked: Ranked } | { mode: 'compare'; a: Ranked; b: Ranked };

/** Why a run gave nothing; `side` where one of two failed. */
export interface RunFailure {
  failure: CallFailure;
  side: Side | null;
}

/** The outcome before stays while the next run is under way, and when it fails or is cancelled. */
export interface RunState {
  phase:
    | { kind: 'idle' }
    | { kind: 'running'; documents: number; expectedSeconds: number | null }
    | { kind: 'done' }
    | ({ kind: 'failed' } & RunFailure)
    | { kind: 'cancelled' };
  outcome: Outcome | null;
  /** Counts runs from their start: a progress bar is keyed by it. */
  started: number;
  /** Counts outcomes: what belongs to one, such as grades, is keyed by it. */
  succeeded: number;
}

export type RunAction =
  | { type: 'started'; documents: number; expectedSeconds: number | null }
  | { type: 'succeeded'; outcome: Outcome }
  | { type: 'failed'; reason: RunFailure };

export const noRun: RunState = { phase: { kind: 'idle' }, outcome: null, started: 0, succeeded: 0 };

export function reduceRun(state: RunState, action: RunAction): RunState {
  switch (action.type) {
    case 'started': {
      const { documents, expectedSeconds } = action;
      return { ...state, phase: { kind: 'running', documents, expectedSeconds }, started: state.started + 1 };
    }
    case 'succeeded':
      return { ...state, phase: { kind: 'done' }, outcome: action.outcome, succeeded: state.succeeded + 1 };
    case 'failed': {
      const isCancelled = action.reason.failure.kind === 'cancelled';
      return { ...state, phase: isCancelled ? { kind: 'cancelled' } : { kind: 'failed', ...action.reason } };
    }
    default:
      return action satisfies never;
  }
}

/** The rankings of an outcome by side; one ranking is side a. */
export function sidesOf(outcome: Outcome): [[Side, Ranked], ...[Side, Ranked][]] {
  return outcome.mode === 'rank'
    ? [['a', outcome.ranked]]
    : [
        ['a', outcome.a],
        ['b', outcome.b],
      ];
}

/** What the gateway estimates before it has measured: tokens of a byte of text. */
const tokensPerByte = 0.3;

/** What it takes to rank a request. */
export interface Cost {
  request: RankRequest;
  /** What serves it, by whatever name the request has for it. */
  model: string;
  maxLengthTokens: number;
  /** Null before any worker has measured itself. */
  tokensPerSecond: number | null;
}

/**
 * How long the fleet would take for these requests if it had nothing else to do, in seconds; null where it has not
 * measured itself. Those of one model wait for each other, different models work at the same time. Texts longer than the
 * model reads count as that.
 */
export function expectedSeconds(costs: readonly Cost[]): number | null {
  const secondsByModel = new Map<string, number>();
  for (const { request, model, maxLengthTokens, tokensPerSecond } of costs) {
    if (tokensPerSecond === null || tokensPerSecond <= 0) return null;
    const tokens = request.documents.reduce(
      (sum, document) => sum + Math.min(maxLengthTokens, tokensPerByte * utf8Bytes(document)),
      0,
    );
    secondsByModel.set(model, (secondsByModel.get(model) ?? 0) + tokens / tokensPerSecond);
  }
  return Math.max(0, ...secondsByModel.values());
}

const encoder = new TextEncoder();

function utf8Bytes(text: string): number {
  return encoder.encode(text).length;
}
