import type { Result } from '@rerank-fleet/contract';
import { endpointUrl } from './address';
import { type CallFailure, failureOfAnswer, failureWithoutAnswer, unexpectedAnswer } from './failure';
import { parseJson, type Reader } from './read-json';

/** How to reach the gateway that serves the page. */
interface GatewayAccess {
  /** The page's address (`document.baseURI`). Paths are resolved against it. */
  baseUrl: URL | string;
  /** Sent as `Authorization: Bearer`; '' or undefined sends none. */
  apiKey?: string | undefined;
}

/** Options of one call. */
export interface CallOptions extends GatewayAccess {
  /** Aborts the call; the failure is `cancelled`. */
  signal: AbortSignal;
  /** Timeout of the request at the gateway, 100 to 900,000; undefined: the gateway's default. */
  timeoutMs?: number | undefined;
}

/** The result of a call. Calls never throw. */
export type CallResult<T> = Result<{ value: T }, { failure: CallFailure }>;

/** A JSON answer with its headers and its duration. */
export interface Answered<T> {
  body: T;
  /** The unchanged body: JSON text. */
  content: string;
  headers: Headers;
  /** Time from sending to the last byte, by the page's clock. */
  roundTripMs: number;
}

/** The path and the body of one call. */
export interface Call<T> {
  /** Without a leading slash: `v1/rerank`. */
  path: string;
  /** JSON text to POST; undefined: GET. */
  payload?: string;
  read: Reader<T>;
}

/** The page waits this much longer than the gateway, because an answer has more details than a broken connection. */
const marginMs = 5_000;

/** The range that the gateway accepts for `x-request-timeout-ms`. */
const waitRangeMs = { min: 100, max: 900_000 };

/** Characters that a header can contain. */
const headerText = /^[\x20-\x7e\xa0-\xff]*$/;

/** Calls the gateway and reads its answer. */
export async function callGateway<T>(call: Call<T>, options: CallOptions): Promise<CallResult<Answered<T>>> {
  const apiKey = options.apiKey?.trim() ?? '';
  // Such a key cannot be sent, so it cannot be valid.
  if (!headerText.test(apiKey)) return { ok: false, failure: failureWithoutAnswer('unauthorized') };
  const waitMs = options.timeoutMs === undefined ? undefined : inRange(options.timeoutMs);
  const patience = startPatience(options.signal, waitMs);
  const startedMs = performance.now();
  let received: Received;
  try {
    received = await send(endpointUrl(options.baseUrl, call.path), {
      ...(call.payload !== undefined && { method: 'POST', body: call.payload }),
      headers: headersOf(call, { apiKey, waitMs }),
      cache: 'no-store',
      signal: patience.signal,
    });
  } catch {
    const kind = options.signal.aborted ? 'cancelled' : patience.signal.aborted ? 'timeout' : 'offline';
    return { ok: false, failure: failureWithoutAnswer(kind) };
  } finally {
    patience.end();
  }
  return resultOf(received, call.read, performance.now() - startedMs);
}

/** An answer whose body has arrived. */
interface Received {
  response: Response;
  content: string;
}

async function send(url: string, init: RequestInit): Promise<Received> {
  const response = await fetch(url, init);
  return { response, content: await response.text() };
}

function resultOf<T>({ response, content }: Received, read: Reader<T>, roundTripMs: number): CallResult<Answered<T>> {
  const json = parseJson(content);
  if (!response.ok) return { ok: false, failure: failureOfAnswer(response, json) };
  const body = read(json);
  if (body === undefined) return { ok: false, failure: unexpectedAnswer(response) };
  return { ok: true, value: { body, content, headers: response.headers, roundTripMs } };
}

function headersOf(
  { payload }: Pick<Call<unknown>, 'payload'>,
  { apiKey, waitMs }: { apiKey: string; waitMs: number | undefined },
): Record<string, string> {
  return {
    ...(payload !== undefined && { 'content-type': 'application/json' }),
    ...(apiKey !== '' && { authorization: `Bearer ${apiKey}` }),
    ...(waitMs !== undefined && { 'x-request-timeout-ms': String(waitMs) }),
  };
}

function inRange(timeoutMs: number): number {
  return Math.round(Math.min(waitRangeMs.max, Math.max(waitRangeMs.min, timeoutMs)));
}

/** A signal that aborts with the user's signal or after the wait. (Some browsers lack AbortSignal.any.) */
function startPatience(signal: AbortSignal, waitMs: number | undefined): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = waitMs === undefined ? undefined : setTimeout(abort, waitMs + marginMs);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, end };
}
