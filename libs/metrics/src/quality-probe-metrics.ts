import type { ContainerReader } from './container-metrics';
import type { Exposition } from './exposition';
import { exposition } from './exposition';
import { counter, gauge, toSeconds } from './instruments';
import type { GoldenLanguage, ProbeOutcome } from './labels';
import { goldenLanguages, probeOutcomes } from './labels';
import { qualityProbeCatalogue } from './quality-probe-catalogue';
import { createRegistry } from './registry';

/** The results of one complete round of golden queries. */
export interface RoundFacts {
  model: string;
  /** Unix time. */
  endedAtMs: number;
  languages: readonly {
    language: GoldenLanguage;
    /** Mean nDCG@10, 0 to 1. */
    ndcg: number;
    /** Mean reciprocal rank, 0 to 1. */
    mrr: number;
    /** Population stability index against the baseline, 0 or more. */
    drift: number;
  }[];
}

/** The probe's recording methods. */
export interface QualityProbeMetrics extends Exposition {
  /** Starts the counters of a model at 0. Further calls have no effect. */
  announceModel(model: string): void;
  /** Counts one golden query. */
  queryDone(model: string, outcome: ProbeOutcome): void;
  /** Sets the baseline with which the model is compared. */
  baselineKnown(baseline: { model: string; language: GoldenLanguage; ndcg: number }): void;
  /** Records a round in which every query was answered. */
  roundDone(round: RoundFacts): void;
  /** Removes the gauges of a model that is no longer served. Its counters stay. */
  modelGone(model: string): void;
}

/** Creates the probe's metrics in a separate registry. */
export function createQualityProbeMetrics(options: { container?: ContainerReader } = {}): QualityProbeMetrics {
  const registry = createRegistry(options.container);
  const ndcg = gauge(registry, qualityProbeCatalogue.ndcg);
  const mrr = gauge(registry, qualityProbeCatalogue.mrr);
  const baseline = gauge(registry, qualityProbeCatalogue.baselineNdcg);
  const drift = gauge(registry, qualityProbeCatalogue.drift);
  const queries = counter(registry, qualityProbeCatalogue.queries);
  const lastRound = gauge(registry, qualityProbeCatalogue.lastRound);
  return {
    ...exposition(registry),
    announceModel: (model) => {
      for (const outcome of probeOutcomes) queries.inc({ model, outcome }, 0);
    },
    queryDone: (model, outcome) => queries.inc({ model, outcome }),
    baselineKnown: ({ model, language, ndcg: value }) => baseline.set({ model, language }, value),
    roundDone: ({ model, endedAtMs, languages }) => {
      for (const { language, ...figures } of languages) {
        ndcg.set({ model, language }, figures.ndcg);
        mrr.set({ model, language }, figures.mrr);
        drift.set({ model, language }, figures.drift);
      }
      lastRound.set({ model }, toSeconds(endedAtMs));
    },
    modelGone: (model) => {
      for (const language of goldenLanguages) {
        for (const each of [ndcg, mrr, baseline, drift]) each.remove({ model, language });
      }
      lastRound.remove({ model });
    },
  };
}
