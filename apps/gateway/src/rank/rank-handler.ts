import { bundleKey, type Failure, type Ranking, type RerankRequest } from '@rerank-fleet/contract';
import { chooseDialect, fallbackDialects } from '../dialects/choose';
import type { Answer, Dialect, ParsedBody, ParsedRequest } from '../dialects/dialect';
import { maxNameCharacters, modelName } from '../dialects/fields';
import { totalTokens } from '../dialects/ranked-results';
import { refusedAccess } from '../http/access';
import { type Edge, logFault } from './edge';
import type { RankEndpoint } from './endpoints';
import { type Exchange, type Headers, type Reply, failureReply, send } from '../http/exchange';
import { failureOf, internalFailure } from '../http/failure';
import { unreadableType } from '../http/json-body';
import { classifyQuery } from './query-type';
import { mergeBlank, restoreFailureIndex, splitOffBlank } from './blank-documents';
import { readJsonObject } from '../http/request-body';
import { describeRanking, describeRequest } from './ranking-span';
import { requestWait } from '../http/request-wait';
import { warningsHeader, warningsOf } from './warnings';

/** A call of the API. `dialect` decides the shape of its errors, and changes when the body is known. */
interface RankCall {
  edge: Edge;
  exchange: Exchange;
  endpoint: RankEndpoint;
  dialect: Dialect;
}

/** Ranks one request and answers it. Never rejects. */
export async function handleRank(edge: Edge, exchange: Exchange, endpoint: RankEndpoint): Promise<void> {
  const call = { edge, exchange, endpoint, dialect: fallbackDialects[endpoint.family] };
  let reply: Reply;
  try {
    reply = await replyTo(call);
  } catch (error) {
    logFault(edge.logger, exchange, error);
    reply = refusal(call, internalFailure(exchange.requestId));
  }
  send(exchange, reply);
}

async function replyTo(call: RankCall): Promise<Reply> {
  const { edge, exchange } = call;
  const { method, headers } = exchange.request;
  const preflight = edge.origins.applyCors(exchange, 'POST');
  if (preflight) return preflight;
  if (method !== 'POST') {
    return refusal(call, failureOf('method_not_allowed', 'Rank with POST.'), { allow: 'POST' });
  }
  const accessFailure = refusedAccess(edge, exchange.request);
  if (accessFailure) return refusal(call, accessFailure);
  const typeFailure = unreadableType(headers['content-type']);
  if (typeFailure) return refusal(call, typeFailure);
  const nameFailure = tooLongName(call.endpoint);
  if (nameFailure) return refusal(call, nameFailure);
  const wait = requestWait(headers['x-request-timeout-ms'], edge.config.waitMs);
  if (!wait.ok) return refusal(call, wait.failure);
  const parsed = await readRequest(call);
  if (!parsed.ok) return refusal(call, parsed.failure);
  return rank(call, parsed, wait.waitMs);
}

/** A model's name in a path has the same length limit as in a body. */
function tooLongName({ modelInPath = '' }: RankEndpoint): Failure | undefined {
  if (modelInPath.length <= maxNameCharacters) return undefined;
  const message = `The model's name in the path has more than ${maxNameCharacters} characters.`;
  return failureOf('invalid_value', message, { field: 'model', limit: maxNameCharacters });
}

/** Reads and validates the body. Sets the dialect of the call. */
async function readRequest(call: RankCall): Promise<ParsedBody> {
  const { edge, exchange, endpoint } = call;
  const json = await readJsonObject(edge, exchange);
  if (!json.ok) return json;
  const chosen = chooseDialect(endpoint.family, json.body);
  if (!chosen.ok) return chosen;
  call.dialect = chosen.dialect;
  const parsed = chosen.dialect.parse(json.body, edge.config);
  if (!parsed.ok) return parsed;
  return { ...parsed, request: { ...parsed.request, model: parsed.request.model ?? modelName(endpoint.modelInPath) } };
}

async function rank(call: RankCall, parsed: ParsedRequest, waitMs: number): Promise<Reply> {
  const { edge, exchange, dialect } = call;
  const { request, sent } = parsed;
  const { requestId, signal, span } = exchange;
  describeRequest(span, request);
  const split = splitOffBlank(request);
  const outcome = await edge.fleet.rank(split.sent, { requestId, waitMs, signal, span });
  if (!outcome.ok) return refusal(call, failureForCaller(call, restoreFailureIndex(outcome.failure, split)));
  const ranking = mergeBlank(outcome.ranking, split);
  recordRanking(edge, request, ranking);
  edge.rankings.store(requestId, {
    model: ranking.bundle.name,
    documents: request.documents.length,
    order: ranking.results.map(({ index }) => index),
  });
  describeRanking(span, ranking);
  const takesInstruction = request.instruction === undefined ? undefined : acceptsInstruction(edge, ranking);
  const warnings = warningsOf({ parsed, ranking, blank: split.blank, takesInstruction });
  const answer: Answer = { ok: true, ranking, request, sent, warnings };
  return {
    status: 200,
    body: dialect.render(answer),
    headers: { ...rankingHeaders(exchange, ranking), ...(dialect.warnings === 'header' && warningHeaders(warnings)) },
  };
}

function refusal({ dialect, exchange }: RankCall, failure: Failure, headers?: Headers): Reply {
  const { requestId } = exchange;
  return failureReply(failure, dialect.render({ ok: false, failure, requestId }), headers);
}

/**
 * The failure to send to the caller. `cancelled` is only for a caller that has disconnected. Workers also cancel the
 * requests of a gateway that paused for seconds (such as a suspended machine); its callers get `interrupted`.
 */
function failureForCaller({ exchange }: RankCall, failure: Failure): Failure {
  if (failure.code !== 'cancelled' || exchange.signal.aborted) return failure;
  return { ...failureOf('interrupted', 'The work was interrupted. Retry the request.'), retryAfterS: 1 };
}

function recordRanking(edge: Edge, request: RerankRequest, ranking: Ranking): void {
  edge.metrics.rankingRequested({
    model: ranking.bundle.name,
    queryType: classifyQuery(request.query),
    documentLengthsChars: request.documents.map((document) => document.length),
  });
}

/** Whether the model that ranked accepts an instruction; undefined if its last worker has left. */
function acceptsInstruction({ fleet }: Edge, { bundle }: Ranking): boolean | undefined {
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
