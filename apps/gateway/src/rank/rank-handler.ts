import { bundleKey, type Failure, type Ranking, type RerankRequest } from '@rerank-fleet/contract';
import { chooseDialect, fallbackDialect } from './dialects/choose';
import type { Answer, Dialect, ParsedBody, ParsedRequest } from './dialects/dialect';
import { maxNameCharacters, modelName } from './dialects/fields';
import { totalTokens } from './dialects/ranked-results';
import { type Edge, logFault, refusedAccess } from './edge';
import type { RankEndpoint } from './endpoints';
import { type Exchange, type Headers, type Reply, failureReply, send } from './exchange';
import { failureOf, internalFailure } from './failure';
import { unreadableType } from './json-body';
import { classifyQuery } from './query-type';
import { mergeBlank, placeFailure, splitOffBlank } from './ranking/blank-documents';
import { readJsonObject } from './request-body';
import { describeRanking, describeRequest } from './request-span';
import { requestWait } from './request-wait';
import { warningsHeader, warningsOf } from './warnings';

/** A request on its way: `dialect` is the shape that its errors have so far. */
interface Passage {
  edge: Edge;
  exchange: Exchange;
  endpoint: RankEndpoint;
  dialect: Dialect;
}

/** Ranks one request and answers it. Never rejects. */
export async function handleRank(edge: Edge, exchange: Exchange, endpoint: RankEndpoint): Promise<void> {
  const passage = { edge, exchange, endpoint, dialect: fallbackDialect(endpoint.family) };
  let reply: Reply;
  try {
    reply = await replyTo(passage);
  } catch (error) {
    logFault(edge.logger, exchange, error);
    reply = refusal(passage, internalFailure(exchange.requestId));
  }
  send(exchange, reply);
}

async function replyTo(passage: Passage): Promise<Reply> {
  const { edge, exchange } = passage;
  const { method, headers } = exchange.request;
  const preflight = edge.origins.meet(exchange, 'POST');
  if (preflight) return preflight;
  if (method !== 'POST') {
    return refusal(passage, failureOf('method_not_allowed', 'Rank with POST.'), { allow: 'POST' });
  }
  const accessFailure = refusedAccess(edge, exchange.request);
  if (accessFailure) return refusal(passage, accessFailure);
  const typeFailure = unreadableType(headers['content-type']);
  if (typeFailure) return refusal(passage, typeFailure);
  const nameFailure = tooLongName(passage.endpoint);
  if (nameFailure) return refusal(passage, nameFailure);
  const wait = requestWait(headers['x-request-timeout-ms'], edge.config.waitMs);
  if (!wait.ok) return refusal(passage, wait.failure);
  const parsed = await readRequest(passage);
  if (!parsed.ok) return refusal(passage, parsed.failure);
  return rank(passage, parsed, wait.waitMs);
}

/** The name of a model in a path has the bound of one in a body. */
function tooLongName({ modelInPath = '' }: RankEndpoint): Failure | undefined {
  if (modelInPath.length <= maxNameCharacters) return undefined;
  const message = `The model's name in the path has more than ${maxNameCharacters} characters.`;
  return failureOf('invalid_value', message, { field: 'model', limit: maxNameCharacters });
}

/** Reads and validates the body; on the way the passage learns its dialect. */
async function readRequest(passage: Passage): Promise<ParsedBody> {
  const { edge, exchange, endpoint } = passage;
  const json = await readJsonObject(edge, exchange);
  if (!json.ok) return json;
  const chosen = chooseDialect(endpoint.family, json.body);
  if (!chosen.ok) return chosen;
  passage.dialect = chosen.dialect;
  const parsed = chosen.dialect.parse(json.body, edge.config);
  if (!parsed.ok) return parsed;
  return { ...parsed, request: { ...parsed.request, model: parsed.request.model ?? modelName(endpoint.modelInPath) } };
}

async function rank(passage: Passage, parsed: ParsedRequest, waitMs: number): Promise<Reply> {
  const { edge, exchange, dialect } = passage;
  const { request, sent } = parsed;
  const { requestId, gone, span } = exchange;
  describeRequest(span, request);
  const split = splitOffBlank(request);
  const outcome = await edge.fleet.rank(split.sent, { requestId, waitMs, signal: gone, span });
  if (!outcome.ok) return refusal(passage, failureToTell(passage, placeFailure(outcome.failure, split)));
  const ranking = mergeBlank(outcome.ranking, split);
  recordRanking(edge, request, ranking);
  edge.rankings.remember(requestId, {
    model: ranking.bundle.name,
    documents: request.documents.length,
    order: ranking.results.map(({ index }) => index),
  });
  describeRanking(span, ranking);
  const takesInstruction = request.instruction === undefined ? undefined : takesOne(edge, ranking);
  const warnings = warningsOf({ parsed, ranking, blank: split.blank, takesInstruction });
  const answer: Answer = { ok: true, ranking, request, sent, warnings };
  return {
    status: 200,
    body: dialect.render(answer),
    headers: { ...rankingHeaders(exchange, ranking), ...(dialect.warnings === 'header' && warningHeaders(warnings)) },
  };
}

function refusal({ dialect, exchange }: Passage, failure: Failure, headers?: Headers): Reply {
  const { requestId } = exchange;
  return failureReply(failure, dialect.render({ ok: false, failure, requestId }), headers);
}

/**
 * "Cancelled" can only be said to a caller that is gone. Workers cancel also what a gateway waits for that stood still
 * for seconds, such as on a paused machine: its callers are to ask again.
 */
function failureToTell({ exchange }: Passage, failure: Failure): Failure {
  if (failure.code !== 'cancelled' || exchange.gone.aborted) return failure;
  return { ...failureOf('interrupted', 'The work was interrupted. Ask again.'), retryAfterS: 1 };
}

function recordRanking(edge: Edge, request: RerankRequest, ranking: Ranking): void {
  edge.metrics.rankingRequested({
    model: ranking.bundle.name,
    queryType: classifyQuery(request.query),
    documentLengthsChars: request.documents.map((document) => document.length),
  });
}

/** Whether the model that ranked takes an instruction; undefined when its last worker has gone meanwhile. */
function takesOne({ fleet }: Edge, { bundle }: Ranking): boolean | undefined {
  return fleet.models().find((model) => bundleKey(model) === bundleKey(bundle))?.takesInstruction;
}

function warningHeaders(warnings: readonly string[]): Headers {
  return warnings.length === 0 ? {} : { 'x-warnings': warningsHeader(warnings) };
}

function rankingHeaders(exchange: Exchange, ranking: Ranking): Headers {
  const { bundle, timings, truncated } = ranking;
  return {
    'x-model': bundleKey(bundle),
    'x-total-time': milliseconds(performance.now() - exchange.startedMs),
    'x-queue-time': milliseconds(timings.queueMs),
    'x-tokenization-time': milliseconds(timings.tokenizationMs),
    'x-inference-time': milliseconds(timings.inferenceMs),
    'x-compute-tokens': totalTokens(ranking),
    ...(truncated.length === 0 ? {} : { 'x-truncated-documents': truncated.length }),
  };
}

function milliseconds(value: number): string {
  return value.toFixed(2);
}
