import { type GoldenLanguage, goldenLanguages, type QualityProbeMetrics } from '@rerank-fleet/metrics';
import type { Logger } from '@rerank-fleet/service-shell';
import { type Baseline, readBaseline, writeBaseline } from './baseline';
import type { GatewayClient, LiveModel } from './gateway-client';
import type { GoldenSet } from './golden-set';
import { populationStabilityIndex, type Quality } from './measures';
import { type Clock, runRound } from './round';

export interface ProbeOptions {
  client: GatewayClient;
  golden: GoldenSet;
  metrics: Pick<QualityProbeMetrics, 'announceModel' | 'queryDone' | 'baselineKnown' | 'roundDone' | 'modelGone'>;
  logger: Pick<Logger, 'info' | 'warn'>;
  clock: Clock;
  /** Folders in which a baseline is looked up, in order. */
  baselineFolders: readonly string[];
  /** Folder for the baselines of models without a stored one; undefined = in memory. */
  keepBaselinesIn: string | undefined;
  intervalMs: number;
  firstDelayMs: number;
  /** Ends the probe. */
  signal: AbortSignal;
}

/** A running probe. */
export interface Probe {
  /** Whether the gateway answered the last request. */
  isUp(): boolean;
  /** Resolves when the probe has ended. Never rejects. */
  ended: Promise<void>;
}

/** Interval between attempts while the gateway cannot be reached. */
const retryMs = 5_000;
/** Pause after an incomplete round, which gave no result, so the next one does not wait for the interval. */
const repeatMs = 60_000;

interface State extends ProbeOptions {
  baselines: Map<string, Baseline>;
  known: Set<string>;
  isUp: boolean;
}

/**
 * Sends the golden queries in rounds. The first round runs at once, so that a new fleet is judged within a minute. The
 * queries of later rounds are spread over the interval to keep their load small.
 */
export function startProbe(options: ProbeOptions): Probe {
  const state: State = { ...options, baselines: new Map(), known: new Set(), isUp: false };
  return { isUp: () => state.isUp, ended: run(state) };
}

async function run(state: State): Promise<void> {
  const { clock, signal, firstDelayMs, intervalMs, golden } = state;
  await clock.sleep(firstDelayMs, signal);
  const queries = golden.languages.reduce((sum, { queries: some }) => sum + some.length, 0);
  let judged = false;
  while (!signal.aborted) {
    const startedMs = clock.nowMs();
    const models = await liveModels(state);
    const paceMs: number = judged ? intervalMs / (queries * Math.max(1, models.length)) : 0;
    let areWhole = true;
    for (const model of models) areWhole = (await probeModel(state, model, paceMs)) && areWhole;
    judged ||= models.length > 0 && areWhole;
    const soonMs = clock.nowMs() + (models.length === 0 ? retryMs : Math.min(intervalMs, repeatMs));
    const nextMs = models.length > 0 && areWhole ? startedMs + intervalMs : soonMs;
    await clock.sleep(Math.max(0, nextMs - clock.nowMs()), signal);
  }
}

/** The live models; empty while the gateway cannot be reached. */
async function liveModels(state: State): Promise<LiveModel[]> {
  const { client, metrics, logger, signal, known } = state;
  try {
    const models = await client.models(signal);
    state.isUp = true;
    const names = new Set(models.map(({ model }) => model));
    for (const gone of [...known].filter((name) => !names.has(name))) {
      known.delete(gone);
      metrics.modelGone(gone);
    }
    for (const name of names) {
      known.add(name);
      metrics.announceModel(name);
    }
    return models;
  } catch (error) {
    state.isUp = false;
    if (!signal.aborted) logger.warn('the models of the gateway cannot be listed', { error });
    return [];
  }
}

/** Returns true when the round was complete. */
async function probeModel(state: State, live: LiveModel, paceMs: number): Promise<boolean> {
  const { client, golden, metrics, logger, clock, signal } = state;
  const { model, version } = live;
  const failedStatuses = new Set<number>();
  const result = await runRound({
    client,
    golden,
    model,
    paceMs,
    clock,
    signal,
    onQuery(outcome, status) {
      metrics.queryDone(model, outcome);
      if (outcome === 'failed') failedStatuses.add(status ?? 0);
    },
  });
  if (!result.isComplete) {
    if (!signal.aborted) logger.warn('a round was incomplete', { model, version, statuses: [...failedStatuses] });
    return false;
  }
  const baseline = baselineOf(state, live, result.languages);
  const languages = goldenLanguages.map((language) => compared(language, result.languages, baseline));
  for (const language of goldenLanguages) {
    metrics.baselineKnown({ model, language, ndcg: baseline.languages[language].ndcg });
  }
  metrics.roundDone({ model, endedAtMs: Date.now(), languages });
  const facts = Object.fromEntries(languages.map(({ language, ndcg }) => [`${language}Ndcg`, Number(ndcg.toFixed(4))]));
  logger.info('a round ended', { model, version, ...facts });
  return true;
}

function compared(language: GoldenLanguage, now: Record<GoldenLanguage, Quality>, { languages }: Baseline) {
  const { ndcg, mrr, scoreCounts } = now[language];
  return { language, ndcg, mrr, drift: populationStabilityIndex(scoreCounts, languages[language].scoreCounts) };
}

/** The stored baseline, or the figures of this round if there is none for these queries. */
function baselineOf(state: State, live: LiveModel, languages: Record<GoldenLanguage, Quality>): Baseline {
  const { baselines, golden, logger } = state;
  const { model, version, revision } = live;
  const key = `${model}@${version}`;
  const known = baselines.get(key);
  if (known) return known;
  const stored = storedBaseline(state, live);
  if (stored && stored.goldenSha256 !== golden.sha256) {
    logger.warn('the stored baseline has different golden queries and is not used', { model, version });
  }
  const usable = stored?.goldenSha256 === golden.sha256 ? stored : undefined;
  const measuredAt = new Date().toISOString();
  const baseline = usable ?? { model, version, revision, measuredAt, goldenSha256: golden.sha256, languages };
  baselines.set(key, baseline);
  if (!usable) {
    logger.info('this round becomes the baseline of its model', { model, version });
    keepBaseline(state, baseline);
  }
  return baseline;
}

/** Reads the stored baseline. A damaged file is logged and ignored, and the round becomes the baseline. */
function storedBaseline({ baselineFolders, logger }: State, live: LiveModel): Baseline | undefined {
  try {
    return readBaseline(baselineFolders, live);
  } catch (error) {
    const { model, version } = live;
    logger.warn('the stored baseline cannot be read and is not used', { model, version, error });
    return undefined;
  }
}

function keepBaseline({ keepBaselinesIn, logger }: State, baseline: Baseline): void {
  if (keepBaselinesIn === undefined) return;
  try {
    writeBaseline(keepBaselinesIn, baseline);
  } catch (error) {
    const { model, version } = baseline;
    logger.warn('the baseline cannot be written and is kept in memory', { model, version, error });
  }
}
