import type { CallFailure } from '../ranking/failure';
import type { Ranking } from '../ranking/client';
import type { RankRequest } from '../ranking/request';
import type { Side } from '../draft/draft';

/** One request and its ranking. */
export interface Ranked {
  request: RankRequest;
  ranking: Ranking;
}

/** The result of a run: one ranking, or two rankings of the same documents. */
export type Outcome = { mode: 'rank'; ranked: Ranked } | { mode: 'compare'; a: Ranked; b: Ranked };

/** Why a run failed; `side` is set if one of two sides failed. */
export interface RunFailure {
  failure: CallFailure;
  side: Side | null;
}

/** The state of runs. An outcome stays while the next run is active, and if that run fails or is cancelled. */
export interface RunState {
  phase:
    | { kind: 'idle' }
    | { kind: 'running'; documents: number; expectedSeconds: number | null }
    | { kind: 'done' }
    | ({ kind: 'failed' } & RunFailure)
    | { kind: 'cancelled' };
  outcome: Outcome | null;
  /** Number of started runs; the key of the progress bar. */
  started: number;
  /** Number of outcomes; the key of data that belongs to one outcome, such as grades. */
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

/** The rankings of an outcome, by side. A single ranking is side a. */
export function sidesOf(outcome: Outcome): [[Side, Ranked], ...[Side, Ranked][]] {
  return outcome.mode === 'rank'
    ? [['a', outcome.ranked]]
    : [
        ['a', outcome.a],
        ['b', outcome.b],
      ];
}

/** Tokens per byte of text: the gateway's estimate before it has measured. */
const tokensPerByte = 0.3;

/** The work of a request and the speed of its model. */
export interface Cost {
  request: RankRequest;
  /** The model that serves the request, also if the request uses another name for it. */
  model: string;
  maxLengthTokens: number;
  /** Null until a worker has measured its speed. */
  tokensPerSecond: number | null;
}

/**
 * Estimated duration of these requests in seconds, for a fleet without other work; null until the fleet has measured
 * its speed. Requests to one model run one after the other, different models run at the same time. A text counts with
 * at most the number of tokens that the model reads.
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
